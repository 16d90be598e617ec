/** What the queue needs to know of a waiting request; the owner's own type adds the rest. */
export interface QueueEntry {
  readonly tenant: string;
  readonly model: string;
  readonly items: number;
  /** Elements in each of its rows, as in `RunShape`; 1 where the rows of its model all have the same length. */
  readonly length: number;
  readonly bytes: number;
  /** On the owner's monotonic clock, in milliseconds; Infinity = none. */
  readonly deadlineMs: number;
  /** Place in the queue: the order of arrival. Kept when the entry is returned. */
  readonly arrival: number;
  /** Largest batch it may run in, in items: halved each time it was in a batch that failed. */
  readonly maxBatchItems: number;
  /** Whether it must be the only one of its batch; it is taken only where {@link BatchLimits.alone} asks for such. */
  readonly runsAlone: boolean;
  /** Orders the requests of one tenant and model before everything else: lower first; 0 = as `priority` and deadline say. */
  readonly order: number;
  /** Orders the requests of one tenant and model: higher first. */
  readonly priority: number;
  /** What its tenant was charged when it was taken, in worker-milliseconds. Written by the queue alone. */
  chargedMs: number;
  /**
   * Written by the queue alone: `new` until the entry is added, `waiting`, then `gone` for good. What comes back is a new entry
   * with the same `arrival`, so that queues may forget those that are gone when it suits them.
   */
  stay: "new" | "waiting" | "gone";
}

/** Whether an entry is still meant: queues forget the others later. */
export function isWaiting({ stay }: QueueEntry): boolean {
  return stay === "waiting";
}

/** What one credit can take. */
export interface BatchLimits {
  /** Models the worker can run. */
  readonly models: readonly string[];
  /** Most items for a model together; an entry of more is a batch by itself, which its worker cuts into runs. */
  maxItems(model: string): number;
  readonly maxBytes: number;
  /** Whether to take one entry that runs alone, instead of a batch of those that do not. Neither kind waits behind the other. */
  readonly alone: boolean;
}

/** The queue of one pool. Pure: time is an argument. The fair one, and those that it is compared with, stand behind this interface. */
export interface RequestQueue<Entry extends QueueEntry> {
  readonly size: number;
  /**
   * Puts a new entry at the place its `arrival` gives it, so what comes back gets its old place.
   * @throws {Error} for an entry that was added before.
   */
  add(entry: Entry): void;
  /**
   * Takes the next batch, all of one model and of the kind that the limits ask for; empty if no head of that kind can run.
   * Never takes an entry whose deadline has passed.
   */
  take(limits: BatchLimits, nowMs: number): Entry[];
  /**
   * Says what an entry that was taken really cost, once, in worker-milliseconds: its part of its batch, or 0 where it comes back.
   * The charge of {@link RequestQueue.take} was an estimate; this corrects it.
   */
  settle(entry: Entry, costMs: number): void;
  /**
   * Takes in a new entry that a worker has already, given to it by an earlier owner: it is charged as if it had been taken here,
   * and settled like the others.
   */
  adopt(entry: Entry): void;
  /** Removes one; tells whether it was waiting. */
  remove(entry: Entry): boolean;
  /** Removes and returns every entry with a deadline at or before `nowMs`. */
  expire(nowMs: number): Entry[];
  /** Earliest deadline waiting, Infinity if none. */
  nextDeadlineMs(): number;
  /** Number waiting for a model, of both kinds. */
  depth(model: string): number;
  /** All entries in their order, for a hand-over. */
  entries(): Iterable<Entry>;
}
