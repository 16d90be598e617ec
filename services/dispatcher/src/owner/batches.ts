import { batchSilenceMs } from "@sluice/protocol";
import { FleetingMap } from "@sluice/runtime";
import { unlistedBatchMs } from "../settings.ts";
import type { Batch, OpenRequest, Run } from "./open-request.ts";
import type { OpenRuns } from "./open-runs.ts";

/** The batches of a pool that are with workers. */
export interface Batches {
  readonly size: number;
  /** Number of batches that have a worker for themselves. */
  readonly aloneCount: number;
  /** Takes a batch in whose runs are open already. */
  add(batch: Batch): void;
  get(batchId: string): Batch | undefined;
  /** Takes a batch out, whatever became of it. Its runs are not open any more. */
  end(batchId: string): Batch | undefined;
  /**
   * Opens a run of a batch that is already here, in place of one with the same reply subject and id. Its worker got it from an
   * earlier owner, so it is charged now.
   */
  addRun(batch: Batch, run: Run): void;
  of(worker: string): Batch[];
  countOf(worker: string): number;
  /** Whether a batch of the model is with a worker. */
  hasModel(model: string): boolean;
  /** Whether the worker has a batch that has it for itself. */
  hasAlone(worker: string): boolean;
  /** Notes which batches a worker listed; returns those it should have and does not. */
  listed(worker: string, batchIds: readonly string[], nowMs: number): Batch[];
  /** Takes all batches for listed until now, after no heartbeat was heard for a time: what was reported meanwhile may be repeated. */
  listedUntil(nowMs: number): void;
  all(): Iterable<Batch>;
  /** Whether a batch answers this credit already. */
  answers(creditId: string): boolean;
  /** Takes all batches out, without a cost. */
  clear(): void;
}

export interface BatchesOptions {
  readonly openRuns: OpenRuns;
  readonly backlog: Charges;
}

/** Where requests with workers are charged. */
interface Charges {
  adopt(request: OpenRequest): void;
  settle(request: OpenRequest, costMs: number): void;
}

export function createBatches({ openRuns, backlog }: BatchesOptions): Batches {
  const batches = new FleetingMap<string, Batch>();
  const alone = new Set<Batch>();
  const counts = new Map<string, number>();

  const count = (worker: string, change: 1 | -1): void => {
    const batchCount = (counts.get(worker) ?? 0) + change;
    if (batchCount === 0) counts.delete(worker);
    else counts.set(worker, batchCount);
  };

  const end = (batchId: string): Batch | undefined => {
    const batch = batches.get(batchId);
    if (batch === undefined) return undefined;
    batches.delete(batchId);
    count(batch.worker, -1);
    alone.delete(batch);
    batch.answers?.[Symbol.dispose]();
    for (const run of batch.runs) openRuns.remove(run);
    return batch;
  };

  /** One that runs alone is the only one of its batch. */
  const noteAlone = (batch: Batch): void => {
    if (batch.runs[0]?.runsAlone === true) alone.add(batch);
  };

  const of = (worker: string): Batch[] => batches.values().filter((batch) => batch.worker === worker);

  return {
    get size() {
      return batches.size;
    },
    get aloneCount() {
      return alone.size;
    },
    add: (batch) => {
      if (!batches.has(batch.batchId)) count(batch.worker, 1);
      batches.set(batch.batchId, batch);
      for (const run of batch.runs) run.batch = batch;
      noteAlone(batch);
    },
    get: (batchId) => batches.get(batchId),
    end,
    addRun: (batch, run) => {
      const known = batch.runs.findIndex(({ reply, id }) => reply === run.reply && id === run.id);
      const [replaced] = batch.runs.splice(known === -1 ? batch.runs.length : known, 1, run);
      if (replaced?.kind === "request") backlog.settle(replaced, 0);
      if (run.kind === "request") backlog.adopt(run);
      run.batch = batch;
      openRuns.add(run);
      noteAlone(batch);
    },
    of,
    countOf: (worker) => counts.get(worker) ?? 0,
    hasModel: (model) => {
      for (const batch of batches.values()) if (batch.model === model) return true;
      return false;
    },
    hasAlone: (worker) => {
      for (const batch of alone) if (batch.worker === worker) return true;
      return false;
    },
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
    listedUntil: (nowMs) => {
      for (const batch of batches.values()) batch.listedAtMs = nowMs;
    },
    all: () => batches.values(),
    answers: (creditId) => {
      for (const batch of batches.values()) if (batch.creditId === creditId) return true;
      return false;
    },
    clear: () => {
      for (const { batchId, runs } of batches.values()) {
        end(batchId);
        for (const run of runs) if (run.kind === "request") backlog.settle(run, 0);
      }
    },
  };
}
