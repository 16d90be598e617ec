import type { KeyValue, KeyValueEntry, KeyValueWatch } from "@sluice/messaging";
import { decodeModelRecord, type ModelRecord, type ModelSignature } from "@sluice/protocol";
import type { OnDispatcherEvent } from "../event.ts";

/** The records of the bucket `sluice_models` as they are now: what pools served, for who takes one before its workers say so. */
export interface ModelDirectory {
  /** What was recorded of the models of a pool. Some may be served no longer. */
  signatures(pool: string): readonly ModelSignature[];
  /** Follows the bucket; resolves once every record there is was read. */
  start(): Promise<void>;
  stop(): void;
}

export interface ModelDirectoryOptions {
  /** The bucket `sluice_models`. */
  readonly bucket: KeyValue;
  readonly onEvent: OnDispatcherEvent;
}

export function createModelDirectory({ bucket, onEvent }: ModelDirectoryOptions): ModelDirectory {
  const records = new Map<string, ModelRecord>();
  let watch: KeyValueWatch | undefined;

  const read = ({ key, value, isDeleted }: KeyValueEntry): void => {
    try {
      if (isDeleted) records.delete(key);
      else records.set(key, decodeModelRecord(value));
    } catch (error) {
      onEvent({ type: "malformedMessage", subject: key, error });
    }
  };

  return {
    signatures: (pool) => {
      const ofPool = [...records.values()].filter((record) => record.pool === pool);
      return ofPool.map(({ signature }) => signature);
    },
    start: async () => {
      watch = await bucket.watch(read);
    },
    stop: () => watch?.stop(),
  };
}
