import type { Credit } from "@sluice/protocol";

/** A credit that waits for a batch. */
export interface WaitingCredit {
  readonly credit: Credit;
  readonly reply: string;
  /** When it came, on the owner's monotonic clock. */
  readonly receivedMs: number;
  /** When the worker expects to be free, on the owner's monotonic clock. */
  readonly freeAtMs: number;
}

/** The credits of a pool that wait; one for each `creditId`. */
export interface Credits {
  readonly size: number;
  /** Takes a credit; one with the same id is replaced. */
  add(waiting: WaitingCredit): void;
  remove(creditId: string): void;
  removeWorker(worker: string): void;
  /** Whether a credit of the worker waits. */
  hasWorker(worker: string): boolean;
  /**
   * The worker that will be free first, first; of those that are free at `nowMs`, the one that would then have least batches, so
   * that a worker with several open credits does not get everything.
   */
  inOrder(nowMs: number): WaitingCredit[];
  /** Takes all out. */
  clear(): WaitingCredit[];
}

/** @param batchCountOf - how many batches a worker has */
export function createCredits(batchCountOf: (worker: string) => number): Credits {
  const waiting = new Map<string, WaitingCredit>();

  return {
    get size() {
      return waiting.size;
    },
    add: (credit) => {
      waiting.set(credit.credit.creditId, credit);
    },
    remove: (creditId) => {
      waiting.delete(creditId);
    },
    removeWorker: (worker) => {
      for (const [creditId, { credit }] of waiting) if (credit.worker === worker) waiting.delete(creditId);
    },
    hasWorker: (worker) => {
      for (const { credit } of waiting.values()) if (credit.worker === worker) return true;
      return false;
    },
    inOrder: (nowMs) => {
      const counts = new Map<string, number>();
      const ranked = [...waiting.values()].map((credit) => {
        const { worker } = credit.credit;
        const batchCount = counts.get(worker) ?? batchCountOf(worker);
        counts.set(worker, batchCount + 1);
        return { credit, freeAtMs: Math.max(nowMs, credit.freeAtMs), batchCount };
      });
      ranked.sort((a, b) => a.freeAtMs - b.freeAtMs || a.batchCount - b.batchCount);
      return ranked.map(({ credit }) => credit);
    },
    clear: () => {
      const all = [...waiting.values()];
      waiting.clear();
      return all;
    },
  };
}
