import type { KeyValue } from "@sluice/messaging";
import type { ModelSignature } from "@sluice/protocol";
import type { OnDispatcherEvent } from "../event.ts";
import type { PoolRoster } from "../workers/pool-roster.ts";

/** Keeps the records of a pool's models in the bucket `sluice_models`, where tools read them. Best effort: what failed is tried again with the next tick. */
export interface ModelRecords {
  /** Writes what changed since the last time. Never rejects; does nothing while a write goes on. */
  update(): Promise<void>;
}

export interface ModelRecordsOptions {
  readonly roster: PoolRoster;
  readonly bucket: KeyValue;
  readonly onEvent: OnDispatcherEvent;
}

export function createModelRecords({ roster, bucket, onEvent }: ModelRecordsOptions): ModelRecords {
  const encoder = new TextEncoder();
  const seen = new Map<string, ModelSignature>();
  const written = new Map<string, string>();
  let isWriting = false;

  const write = async (signature: ModelSignature): Promise<void> => {
    const { name, version } = signature;
    const record = JSON.stringify({ pool: roster.pool, version, signature });
    try {
      // Workers repeat their profiles: an equal one is no change.
      if (written.get(name) !== record) await bucket.put(name, encoder.encode(record));
      written.set(name, record);
      seen.set(name, signature);
    } catch (error) {
      onEvent({ type: "modelRecordFailed", pool: roster.pool, model: name, error });
    }
  };

  return {
    update: async () => {
      if (isWriting) return;
      isWriting = true;
      for (const { name } of roster.models) {
        const signature = roster.signature(name);
        if (signature !== undefined && seen.get(name) !== signature) await write(signature);
      }
      isWriting = false;
    },
  };
}
