import { InferenceError } from "@sluice/protocol";
import { isMessageNotFound, isWrongLastSequence } from "./jetstream-error.ts";
import { isRecord, publishToStream, requestJetStream } from "./jetstream-request.ts";
import type { KeyValue, KeyValueEntry, Messaging } from "./messaging.ts";
import { messagingErrors } from "./messaging-error.ts";

export interface KeyValueEntriesOptions {
  readonly messaging: Pick<Messaging, "request">;
  readonly bucket: string;
  /** How long one call may take. */
  readonly timeoutMs: number;
}

const empty = new Uint8Array();
const encoder = new TextEncoder();
const keyPattern = /^[-/=\w]+(\.[-/=\w]+)*$/;
const operationHeader = "KV-Operation";
const expectedRevisionHeader = "Nats-Expected-Last-Subject-Sequence";

/** Reads and writes single keys of a bucket, which is a stream named `KV_<bucket>`. Source: NATS ADR-8. */
export function createKeyValueEntries(options: KeyValueEntriesOptions): Omit<KeyValue, "keys" | "watch"> {
  const { messaging, bucket, timeoutMs } = options;

  const write = async (
    key: string,
    value: Uint8Array,
    headers: Record<string, string> = {},
  ): Promise<number> => {
    const subject = `$KV.${bucket}.${checkKey(key)}`;
    const { sequence } = await publishToStream(messaging, { subject, payload: value, headers, timeoutMs });
    return sequence;
  };

  const writeAfter = async (
    key: string,
    value: Uint8Array,
    { revision, headers = {} }: { readonly revision: number; readonly headers?: Record<string, string> },
  ): Promise<number | undefined> => {
    try {
      return await write(key, value, { ...headers, [expectedRevisionHeader]: String(revision) });
    } catch (error) {
      if (isWrongLastSequence(error)) return undefined;
      throw error;
    }
  };

  /** The newest entry of a key, deletion markers included, read from the stream's leader. */
  const newest = async (key: string): Promise<KeyValueEntry | undefined> => {
    const payload = encoder.encode(JSON.stringify({ last_by_subj: `$KV.${bucket}.${checkKey(key)}` }));
    try {
      const subject = `$JS.API.STREAM.MSG.GET.KV_${bucket}`;
      const { message } = await requestJetStream(messaging, { subject, payload, timeoutMs });
      return toEntry(key, message);
    } catch (error) {
      if (isMessageNotFound(error)) return undefined;
      throw error;
    }
  };

  return {
    async get(key) {
      const entry = await newest(key);
      return entry?.isDeleted === true ? undefined : entry;
    },
    put: (key, value) => write(key, value),
    async create(key, value) {
      const revision = await writeAfter(key, value, { revision: 0 });
      if (revision !== undefined) return revision;
      // The key was written before; it may have been deleted since.
      const entry = await newest(key);
      return entry?.isDeleted === true ? writeAfter(key, value, { revision: entry.revision }) : undefined;
    },
    update: (key, value, revision) => writeAfter(key, value, { revision }),
    async delete(key, revision) {
      const headers = { [operationHeader]: "DEL" };
      if (revision !== undefined) return (await writeAfter(key, empty, { revision, headers })) !== undefined;
      await write(key, empty, headers);
      return true;
    },
  };
}

function checkKey(key: string): string {
  if (keyPattern.test(key)) return key;
  throw messagingErrors.invalidKey();
}

function toEntry(key: string, message: unknown): KeyValueEntry {
  if (!isRecord(message) || typeof message["seq"] !== "number") {
    throw new InferenceError("internal", "JetStream answered a read without a message");
  }
  const { seq, data, hdrs } = message;
  const headers = typeof hdrs === "string" ? Buffer.from(hdrs, "base64").toString() : "";
  return {
    key,
    value: typeof data === "string" ? Buffer.from(data, "base64") : empty,
    revision: seq,
    isDeleted: /^KV-Operation: *(DEL|PURGE)/im.test(headers),
  };
}
