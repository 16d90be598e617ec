import { batchSilenceMs } from "@sluice/protocol";
import { unlistedBatchMs } from "../settings.ts";
import type { WaitingEntry } from "./waiting.ts";

/** What a run at a worker is known by. */
export interface Run {
  readonly id: string;
  readonly tenant: string;
  readonly attempt: number;
  /** `undefined`: the last owner's request, not seen here yet. */
  entry: WaitingEntry | undefined;
  /** Whether its caller gave it up: it is not run again. */
  isCanceled: boolean;
}

/** A batch that was given to a worker and of which nothing was heard since. */
export interface Batch {
  readonly batchId: string;
  /** The credit it answered, "" for one that an earlier owner sent. */
  readonly creditId: string;
  readonly worker: string;
  readonly model: string;
  readonly items: number;
  readonly sentAtMs: number;
  /** Its runs under their request keys. */
  readonly runs: Map<string, Run>;
  /** When a heartbeat last listed it. */
  listedAtMs: number | undefined;
  /** Ends the wait for a refusal. */
  answers: Disposable | undefined;
}

/** The batches of a pool that are with workers. */
export interface Batches {
  readonly size: number;
  add(batch: Batch): void;
  get(batchId: string): Batch | undefined;
  /** Takes a batch out, whatever became of it. */
  end(batchId: string): Batch | undefined;
  /** Adds a run to a batch that is already here. */
  addRun(batch: Batch, key: string, run: Run): void;
  /** Where the request with this key runs. */
  find(key: string): { readonly batch: Batch; readonly run: Run } | undefined;
  of(worker: string): Batch[];
  /** Notes which batches a worker listed; returns those it should have and does not. */
  listed(worker: string, batchIds: readonly string[], nowMs: number): Batch[];
  all(): Iterable<Batch>;
  /** Whether a batch answers this credit already. */
  answers(creditId: string): boolean;
  clear(): void;
}

export function createBatches(): Batches {
  const batches = new Map<string, Batch>();
  /** Request key -> its batch. */
  const places = new Map<string, Batch>();

  const end = (batchId: string): Batch | undefined => {
    const batch = batches.get(batchId);
    if (batch === undefined) return undefined;
    batches.delete(batchId);
    batch.answers?.[Symbol.dispose]();
    for (const key of batch.runs.keys()) if (places.get(key) === batch) places.delete(key);
    return batch;
  };

  const of = (worker: string): Batch[] => [...batches.values()].filter((batch) => batch.worker === worker);

  return {
    get size() {
      return batches.size;
    },
    add: (batch) => {
      batches.set(batch.batchId, batch);
      for (const key of batch.runs.keys()) places.set(key, batch);
    },
    get: (batchId) => batches.get(batchId),
    end,
    addRun: (batch, key, run) => {
      batch.runs.set(key, run);
      places.set(key, batch);
    },
    find: (key) => {
      const batch = places.get(key);
      const run = batch?.runs.get(key);
      return batch === undefined || run === undefined ? undefined : { batch, run };
    },
    of,
    listed: (worker, batchIds, nowMs) =>
      of(worker).filter((batch) => {
        if (batchIds.includes(batch.batchId)) {
          batch.listedAtMs = nowMs;
          return false;
        }
        return batch.listedAtMs === undefined
          ? nowMs - batch.sentAtMs >= batchSilenceMs
          : nowMs - batch.listedAtMs >= unlistedBatchMs;
      }),
    all: () => batches.values(),
    answers: (creditId) => {
      for (const batch of batches.values()) if (batch.creditId === creditId) return true;
      return false;
    },
    clear: () => {
      for (const batchId of batches.keys()) end(batchId);
    },
  };
}
