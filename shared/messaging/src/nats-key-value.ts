import { InferenceError } from "@sluice/protocol";
import { type KV, Kvm } from "@nats-io/kv";
import { jetstream } from "@nats-io/jetstream";
import type { NatsConnection } from "nats";
import type { Clock, Logger } from "@sluice/runtime";
import { isMessageNotFound, isWrongLastSequence } from "./jetstream-error.ts";
import { isRecord, publishToStream, requestJetStream } from "./jetstream-request.ts";
import { watchKeys } from "./key-value-watch.ts";
import { messagingErrors } from "./messaging-error.ts";
import type { KeyValue, KeyValueEntry, Messaging } from "./messaging.ts";
import { toJetStreamError } from "./nats-error.ts";

export interface KeyValueOptions {
  readonly connection: NatsConnection;
  readonly messaging: Pick<Messaging, "request" | "onEvent">;
  readonly bucket: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** How long one call may take. */
  readonly timeoutMs: number;
}

const empty = new Uint8Array();
const encoder = new TextEncoder();
const keyPattern = /^[-/=\w]+(\.[-/=\w]+)*$/;
const operationHeader = "KV-Operation";
const expectedRevisionHeader = "Nats-Expected-Last-Subject-Sequence";

/**
 * Opens a bucket, creating it if needed: on file, history 1, read from its leader so that a read sees the last write. The
 * client library creates, lists and watches; single reads and writes go over the connection's own inbox.
 */
export async function openKeyValue(options: KeyValueOptions): Promise<KeyValue> {
  const { messaging, bucket, clock, log, timeoutMs } = options;
  const store = await openBucket(options);
  const stream = `KV_${bucket}`;

  const write = async (key: string, value: Uint8Array, headers?: Record<string, string>): Promise<number> => {
    const subject = `$KV.${bucket}.${checkKey(key)}`;
    const request = { subject, payload: value, timeoutMs, ...(headers === undefined ? {} : { headers }) };
    return (await publishToStream(messaging, request)).sequence;
  };

  const writeAfter = async (
    key: string,
    value: Uint8Array,
    revision: number,
  ): Promise<number | undefined> => {
    try {
      return await write(key, value, { [expectedRevisionHeader]: String(revision) });
    } catch (error) {
      if (isWrongLastSequence(error)) return undefined;
      throw error;
    }
  };

  /** The newest entry of a key, deletion markers included. */
  const newest = async (key: string): Promise<KeyValueEntry | undefined> => {
    const payload = encoder.encode(JSON.stringify({ last_by_subj: `$KV.${bucket}.${checkKey(key)}` }));
    try {
      const answer = await requestJetStream(messaging, {
        subject: `$JS.API.STREAM.MSG.GET.${stream}`,
        payload,
        timeoutMs,
      });
      return toEntry(key, answer["message"]);
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
      const revision = await writeAfter(key, value, 0);
      if (revision !== undefined) return revision;
      // The key was written before; it may have been deleted since.
      const entry = await newest(key);
      return entry?.isDeleted === true ? writeAfter(key, value, entry.revision) : undefined;
    },
    update: writeAfter,
    async delete(key) {
      await write(key, empty, { [operationHeader]: "DEL" });
    },
    async keys() {
      try {
        const keys: string[] = [];
        for await (const key of await store.keys()) keys.push(key);
        return keys;
      } catch (error) {
        throw toJetStreamError(error);
      }
    },
    watch: (onEntry) => watchKeys({ messaging, store, clock, log, onEntry }),
  };
}

async function openBucket({ connection, bucket, timeoutMs }: KeyValueOptions): Promise<KV> {
  try {
    const client = jetstream(connection, { timeout: timeoutMs, checkAPI: false });
    return await new Kvm(client).create(bucket, { history: 1, allow_direct: false });
  } catch (error) {
    throw toJetStreamError(error);
  }
}

function checkKey(key: string): string {
  if (keyPattern.test(key)) return key;
  throw new InferenceError(
    "invalidArgument",
    "a key is made of A-Z a-z 0-9 _ - / = and single dots between them",
  );
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
