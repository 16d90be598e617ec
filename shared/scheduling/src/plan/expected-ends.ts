/** A worker that asks for a batch. */
export interface AskingWorker {
  readonly worker: string;
  /** When it expects to be free, on the clock of `nowMs`. */
  readonly freeAtMs: number;
}

/** When the batches that were given out are expected to end. Time is an argument. */
export interface ExpectedEnds {
  /**
   * When others than the one that asks will be free, of those that are busy longer. What it runs itself is none of them: it says
   * when that ends.
   */
  others(asking: AskingWorker, nowMs: number): number[];
  /** Notes a batch that was given to the worker that asked, and that begins when it is free. */
  add(asking: AskingWorker, batch: { readonly nowMs: number; readonly tookMs: number }): void;
  /** Forgets a worker that is gone. */
  forget(worker: string): void;
}

interface GivenBatch {
  readonly worker: string;
  readonly endMs: number;
}

/** Creates the ends of no batch. */
export function createExpectedEnds(): ExpectedEnds {
  let given: GivenBatch[] = [];

  /** The batch that the worker is still busy with, whose end was predicted here and there; `undefined` where it is free. */
  const ownOf = ({ worker, freeAtMs }: AskingWorker, nowMs: number): GivenBatch | undefined => {
    if (freeAtMs <= nowMs) return undefined;
    let own: GivenBatch | undefined;
    for (const batch of given) {
      const isOwn = batch.worker === worker && batch.endMs > nowMs;
      if (isOwn && (own === undefined || batch.endMs < own.endMs)) own = batch;
    }
    return own;
  };

  return {
    others: (asking, nowMs) => {
      const own = ownOf(asking, nowMs);
      const startMs = Math.max(nowMs, asking.freeAtMs);
      const ends: number[] = [];
      for (const batch of given) if (batch !== own && batch.endMs > startMs) ends.push(batch.endMs);
      return ends;
    },
    add: (asking, { nowMs, tookMs }) => {
      const own = ownOf(asking, nowMs);
      given = given.filter((batch) => batch !== own && batch.endMs > nowMs);
      given.push({ worker: asking.worker, endMs: Math.max(nowMs, asking.freeAtMs) + tookMs });
    },
    forget: (worker) => {
      given = given.filter((batch) => batch.worker !== worker);
    },
  };
}
