import type { Credit } from "@sluice/protocol";

/** A credit that waits for a batch. */
export interface WaitingCredit {
  readonly credit: Credit;
  readonly reply: string;
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
  /** The worker that will be free first, first. */
  inOrder(): WaitingCredit[];
  /** Takes all out. */
  clear(): WaitingCredit[];
}

export function createCredits(): Credits {
  const waiting = new Map<string, WaitingCredit>();
  const inOrder = (): WaitingCredit[] => [...waiting.values()].sort((a, b) => a.freeAtMs - b.freeAtMs);

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
    inOrder,
    clear: () => {
      const all = inOrder();
      waiting.clear();
      return all;
    },
  };
}
