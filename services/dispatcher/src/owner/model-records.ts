import type { KeyValue } from "@sluice/messaging";
import { encodeModelRecord, type ModelSignature } from "@sluice/protocol";
import type { Background } from "../background.ts";
import type { OnDispatcherEvent } from "../event.ts";
import type { PoolRoster } from "../workers/pool-roster.ts";

/** Keeps the records of a pool's models in the bucket `sluice_models`, where tools read them, and dispatchers that take the pool. Best effort: what failed is tried again with the next tick. */
export interface ModelRecords {
  /** Begins to write what changed since the last time; does nothing while a write goes on. */
  update(): void;
}

export interface ModelRecordsOptions {
  readonly roster: PoolRoster;
  readonly bucket: KeyValue;
  readonly background: Background;
  readonly onEvent: OnDispatcherEvent;
}

export function createModelRecords(options: ModelRecordsOptions): ModelRecords {
  const { roster, bucket, background, onEvent } = options;
  const seen = new Map<string, ModelSignature>();
  const written = new Map<string, Buffer>();
  let isWriting = false;

  const write = async (signature: ModelSignature): Promise<void> => {
    const { name } = signature;
    const record = Buffer.from(encodeModelRecord({ pool: roster.pool, signature }));
    try {
      // Workers repeat their profiles: an equal one is no change.
      if (written.get(name)?.equals(record) !== true) await bucket.put(name, record);
      written.set(name, record);
      seen.set(name, signature);
    } catch (error) {
      onEvent({ type: "modelRecordFailed", pool: roster.pool, model: name, error });
    }
  };

  const writeChanged = async (): Promise<void> => {
    isWriting = true;
    for (const { name, workerCount } of roster.models) {
      // Whoever has its workers writes the record of a model that moved, or that was recalled.
      if (workerCount === 0) continue;
      const signature = roster.signature(name);
      if (signature !== undefined && seen.get(name) !== signature) await write(signature);
    }
    isWriting = false;
  };

  return {
    update: () => {
      if (!isWriting) background.start(writeChanged);
    },
  };
}
