/** What the owner of a pool is told from outside. */
export interface OwnerSettings {
  /** What a caller that gives no timeout gets, in milliseconds. */
  readonly defaultTimeoutMs: number;
  /** Most requests that may wait in one pool; more are refused with `unavailable`. */
  readonly maxQueueRequests: number;
  /** Most bytes that waiting requests of one pool may hold. */
  readonly maxQueueBytes: number;
  /** How often a request is given to a worker before it is answered `internal`. */
  readonly maxAttempts: number;
}

/** How long requests wait for the first worker of their model to come back before they are refused, in milliseconds: a worker that restarts is back within it. */
export const workerAbsenceMs = 5_000;

/** What a caller refused for want of room is told to wait, in milliseconds: about the time a full queue needs to move on. */
export const queueFullRetryMs = 1_000;

/** Shortest time that a caller refused for what waits before its request is told to wait, in milliseconds: sooner than that little has changed. */
export const leastRetryMs = 50;

/** What a caller refused for want of a worker is told to wait, in milliseconds. */
export const noWorkerRetryMs = 1_000;

/** Silence after which the key of a dead dispatcher is deleted, in milliseconds: long after its pools were taken. */
export const deadKeyMs = 60_000;

/** A batch that heartbeats listed and list no more, without a `done`, counts as lost after this long: a credit that was lost is repeated before. */
export const unlistedBatchMs = 3_000;

/**
 * How long a worker gets no batch so that it becomes empty, in milliseconds, and how long then nobody does if that was in vain:
 * longer than most batches run, short beside the default timeout. A worker with a long stream so loses half of its work at most.
 */
export const emptyingMs = 5_000;
