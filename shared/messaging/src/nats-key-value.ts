import { jetstream } from "@nats-io/jetstream";
import { type KV, Kvm } from "@nats-io/kv";
import type { Clock, Logger } from "@sluice/runtime";
import type { NatsConnection } from "nats";
import { createKeyValueEntries } from "./key-value-entries.ts";
import { watchKeys } from "./key-value-watch.ts";
import type { KeyValue, Messaging } from "./messaging.ts";
import { toJetStreamError } from "./nats-error.ts";

export interface KeyValueOptions {
  readonly connection: NatsConnection;
  readonly messaging: Pick<Messaging, "request" | "onEvent">;
  readonly bucket: string;
  readonly maxAgeMs?: number;
  readonly clock: Clock;
  readonly log: Logger;
  /** How long one call may take. */
  readonly timeoutMs: number;
}

/**
 * Opens a bucket, creating it if needed: on file, history 1. The client library creates, lists and watches; single keys are
 * read and written over the connection's own inbox, which is cheaper and fails in the same way as everything else here.
 */
export async function openKeyValue(options: KeyValueOptions): Promise<KeyValue> {
  const store = await openBucket(options);
  return {
    ...createKeyValueEntries(options),
    async keys() {
      try {
        const keys: string[] = [];
        for await (const key of await store.keys()) keys.push(key);
        return keys;
      } catch (error) {
        throw toJetStreamError(error);
      }
    },
    watch: (onEntry) => watchKeys({ ...options, store, onEntry }),
  };
}

async function openBucket({ connection, bucket, maxAgeMs, timeoutMs }: KeyValueOptions): Promise<KV> {
  try {
    const client = jetstream(connection, { timeout: timeoutMs, checkAPI: false });
    return await new Kvm(client).create(bucket, {
      history: 1,
      allow_direct: false,
      ...(maxAgeMs !== undefined && { ttl: maxAgeMs }),
    });
  } catch (error) {
    throw toJetStreamError(error);
  }
}
