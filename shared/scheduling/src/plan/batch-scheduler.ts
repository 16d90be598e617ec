import type { FairQueue } from "../fair/fair-queue.ts";
import type { LatencyProfile } from "../latency/latency-profile.ts";
import type { BatchLimits, QueueEntry } from "../request-queue.ts";

/**
 * Why a batch has no more in it: `full`, it has as many items as its model gains from, or may have; `cap`, another limit of
 * its size or duration; `deadline`, more would end too late for one of it; `length`, what else waits has other lengths;
 * `noMore`, nothing else waits that could be in it. A `probe` is one request that is run although it should come too late, to
 * see whether that is still so.
 */
export type BatchReason = "full" | "cap" | "deadline" | "length" | "noMore" | "probe";

/** What a worker that is free, or soon will be, offers. */
export interface BatchAsk {
  readonly limits: BatchLimits;
  /** When the worker expects to be free, on the clock of `nowMs`. */
  readonly freeAtMs: number;
  /** What passes beside the run between the worker being free and the callers having their answers. */
  readonly overheadMs: number;
  /** How long a model takes on this worker; `undefined` while nothing is known: its batches are filled to the limits. */
  profile(model: string): LatencyProfile | undefined;
}

/** What a worker is given. */
export interface PlannedBatch<Entry extends QueueEntry> {
  /** Of one model; taken from the queue. Empty where nothing waits that the worker could run. */
  readonly entries: readonly Entry[];
  /** Meaningless without entries. */
  readonly reason: BatchReason;
  /** Requests that cannot be answered in time any more, or that were given up for the others: removed from the queue. */
  readonly givenUp: readonly Entry[];
}

/** Decides what the workers of a pool run next. Pure: time is an argument. The owner and the simulation run this. */
export interface BatchScheduler<Entry extends QueueEntry> {
  /** Notes a request that came and was put in the queue; not one that came back to it. */
  arrived(entry: Entry, nowMs: number): void;
  /** Takes the next batch for a worker from the queue. */
  next(ask: BatchAsk, nowMs: number): PlannedBatch<Entry>;
}

export interface BatchSchedulerOptions<Entry extends QueueEntry> {
  readonly queue: FairQueue<Entry>;
}

export function createBatchScheduler<Entry extends QueueEntry>({
  queue,
}: BatchSchedulerOptions<Entry>): BatchScheduler<Entry> {
  return {
    arrived: () => undefined,
    next: ({ limits }, nowMs) => ({ entries: queue.take(limits, nowMs), reason: "noMore", givenUp: [] }),
  };
}
