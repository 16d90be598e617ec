import type { KeyValue, KeyValueEntry, KeyValueWatch } from "@sluice/messaging";
import { decodePoolRecord, encodePoolRecord, type PoolRecord } from "@sluice/protocol";
import type { OnDispatcherEvent } from "../event.ts";

/** The records of all pools, as far as they were seen. */
export interface PoolRecords {
  get(pool: string): PoolRecord | undefined;
  pools(): Iterable<string>;
  /** Writes `record` only if nobody wrote since we last saw the pool's record. Tells whether it did; if not, the record was read again. */
  replace(pool: string, record: PoolRecord): Promise<boolean>;
  /** Reads the record from JetStream. */
  refresh(pool: string): Promise<PoolRecord | undefined>;
  start(): Promise<void>;
  stop(): void;
}

export interface PoolRecordsOptions {
  readonly bucket: KeyValue;
  readonly onEvent: OnDispatcherEvent;
  /** Called after a record changed, by whomever. */
  readonly onChange: (pool: string) => void;
}

interface SeenRecord {
  readonly record: PoolRecord | undefined;
  /** Revision of the last write seen, a deletion included. */
  readonly revision: number;
}

/** Epochs only grow, but revisions count from 1 again where a bucket was lost and made anew. */
function isOfNewerEpoch(next: SeenRecord, known: SeenRecord): boolean {
  return next.record !== undefined && next.record.epoch > (known.record?.epoch ?? Infinity);
}

export function createPoolRecords({ bucket, onEvent, onChange }: PoolRecordsOptions): PoolRecords {
  const seen = new Map<string, SeenRecord>();
  let watch: KeyValueWatch | undefined;

  const see = (pool: string, next: SeenRecord): void => {
    const known = seen.get(pool);
    if (known !== undefined && known.revision >= next.revision && !isOfNewerEpoch(next, known)) return;
    seen.set(pool, next);
    onChange(pool);
  };

  const read = (entry: KeyValueEntry): void => {
    try {
      const record = entry.isDeleted ? undefined : decodePoolRecord(entry.value);
      see(entry.key, { record, revision: entry.revision });
    } catch (error) {
      onEvent({ type: "malformedMessage", subject: entry.key, error });
    }
  };

  const refresh = async (pool: string): Promise<PoolRecord | undefined> => {
    const entry = await bucket.get(pool);
    if (entry !== undefined) read(entry);
    return entry === undefined ? undefined : seen.get(pool)?.record;
  };

  return {
    get: (pool) => seen.get(pool)?.record,
    pools: () => seen.keys(),
    refresh,
    replace: async (pool, record) => {
      const known = seen.get(pool);
      const value = encodePoolRecord(record);
      const revision =
        known?.record === undefined
          ? await bucket.create(pool, value)
          : await bucket.update(pool, value, known.revision);
      if (revision === undefined) {
        // Somebody else wrote, or all records were lost and revisions count anew: then a record of now would look older than the
        // one that was seen, so that one is forgotten first.
        seen.delete(pool);
        await refresh(pool);
        return false;
      }
      see(pool, { record, revision });
      return true;
    },
    start: async () => {
      watch = await bucket.watch(read);
    },
    stop: () => watch?.stop(),
  };
}
