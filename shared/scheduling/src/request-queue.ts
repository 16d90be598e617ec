/** What the queue needs to know of a waiting request; the owner keeps the rest in `T`. */
export interface QueueEntry<T> {
  readonly key: string;
  readonly tenant: string;
  readonly model: string;
  readonly items: number;
  readonly bytes: number;
  /** On the owner's monotonic clock, in milliseconds; Infinity = none. */
  readonly deadlineMs: number;
  /** Place in the queue: the order of arrival. Kept when the entry is returned. */
  readonly arrival: number;
  /** Largest batch it may run in, in items: halved each time it was in a batch that failed. */
  readonly maxBatchItems: number;
  readonly request: T;
}

/** What one credit can take. */
export interface BatchLimits {
  /** Models the worker can run. */
  readonly models: readonly string[];
  /** Most items for a model. */
  maxItems(model: string): number;
  readonly maxBytes: number;
}

/**
 * The queue of one pool. Pure: time is an argument. The first-in, first-out one and the fair one stand behind this interface.
 */
export interface RequestQueue<T> {
  readonly size: number;
  /** Whether an entry with this key is waiting. */
  has(key: string): boolean;
  /** Puts an entry at the place its `arrival` gives it, so a returned entry gets its old place. */
  add(entry: QueueEntry<T>): void;
  /** Takes the next batch, all of one model; empty if no head can run. Never takes an entry whose deadline has passed. */
  take(limits: BatchLimits, nowMs: number): QueueEntry<T>[];
  /** Removes one; `undefined` if it is not waiting. */
  remove(key: string): QueueEntry<T> | undefined;
  /** Removes and returns every entry with a deadline at or before `nowMs`. */
  expire(nowMs: number): QueueEntry<T>[];
  /** Earliest deadline waiting, Infinity if none. */
  nextDeadlineMs(): number;
  /** Number waiting for a model. */
  depth(model: string): number;
  /** All entries in their order, for a hand-over. */
  entries(): Iterable<QueueEntry<T>>;
}
