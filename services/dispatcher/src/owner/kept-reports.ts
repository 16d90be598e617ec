import type { Messaging } from "@sluice/messaging";
import { encodeCredit, subjects, type BatchDone } from "@sluice/protocol";
import { createId, type Clock } from "@sluice/runtime";

/** What a worker said of a batch that ended, and when that came, on the owner's monotonic clock. */
export interface TakenReport {
  readonly worker: string;
  readonly report: BatchDone;
  readonly takenMs: number;
}

/** Reports that are kept while a hand-over may bring batches, and more of the requests of one. */
export interface KeptReports {
  keep(taken: TakenReport): void;
  takeAll(): readonly TakenReport[];
  /** Sends them to whoever owns the pool, as their workers did. */
  passOn(): void;
}

export interface KeptReportsOptions {
  readonly pool: string;
  readonly messaging: Messaging;
  readonly clock: Clock;
}

/** Most reports that are kept; a pool has at most a few batches for each worker. */
const maxReports = 10_000;

export function createKeptReports({ pool, messaging, clock }: KeptReportsOptions): KeptReports {
  /** By the ids of their batches: workers repeat what was not answered. */
  const kept = new Map<string, TakenReport>();

  const takeAll = (): readonly TakenReport[] => {
    const taken = [...kept.values()];
    kept.clear();
    return taken;
  };

  return {
    keep: (taken) => {
      if (kept.size < maxReports) kept.set(taken.report.batchId, taken);
    },
    takeAll,
    passOn: () => {
      const nowMs = clock.monotonicMs();
      for (const { worker, report, takenMs } of takeAll()) {
        const done = [{ ...report, agoMs: report.agoMs + nowMs - takenMs }];
        const asksNothing = { models: [], freeInMs: 0, capacity: 0 };
        const credit = encodeCredit({ creditId: createId(), worker, epoch: 0, ...asksNothing, done });
        messaging.publish(subjects.credit(pool), credit);
      }
    },
  };
}
