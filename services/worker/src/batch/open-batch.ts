import type { AdmittedRequest, OpenRun, WorkBatch } from "@sluice/protocol";
import { InferenceError } from "@sluice/protocol";

/** A sequence of a batch that control messages reach. */
export interface SteeredSequence {
  cancel(reason: InferenceError): void;
  /** Allows frames with a number below `frameLimit`. */
  allow(frameLimit: number): void;
  /** What it has cost so far, in milliseconds. */
  costMs(): number;
}

/** A batch from its arrival until its report: what the worker still owes for it. */
export interface OpenBatch {
  readonly work: WorkBatch;
  /** On the monotonic clock. */
  readonly arrivedMs: number;
  /** Sequences that run, by request id. */
  readonly sequences: Map<string, SteeredSequence>;
  isCancelled(request: AdmittedRequest): boolean;
  /** Cancels the request of this id if it is one of the batch. */
  cancel(id: string, reason: InferenceError): void;
  openRuns(): OpenRun[];
  /** What its sequences have cost so far, in milliseconds. */
  costMs(): number;
  /** Time left of the request's timeout, in milliseconds; Infinity if it has none. */
  remainingMs(request: AdmittedRequest, nowMs: number): number;
}

/** Opens a batch that has just arrived. */
export function createOpenBatch(work: WorkBatch, arrivedMs: number): OpenBatch {
  const cancelled = new Set<string>();
  const sequences = new Map<string, SteeredSequence>();
  return {
    work,
    arrivedMs,
    sequences,
    isCancelled: (request) => cancelled.size > 0 && cancelled.has(request.id),
    cancel: (id, reason) => {
      if (!work.requests.some((request) => request.id === id)) return;
      cancelled.add(id);
      sequences.get(id)?.cancel(reason);
    },
    openRuns: () =>
      work.requests.map(({ id, tenant, reply, attempt }) => ({
        id,
        tenant,
        reply,
        model: work.model,
        batchId: work.batchId,
        epoch: work.epoch,
        attempt,
      })),
    costMs: () => {
      let costMs = 0;
      for (const sequence of sequences.values()) costMs += sequence.costMs();
      return costMs;
    },
    remainingMs: ({ timeoutMs, queuedMs }, nowMs) =>
      timeoutMs === 0 ? Infinity : timeoutMs - queuedMs - (nowMs - arrivedMs),
  };
}

/** Says why a request must not run any more; `undefined` if it may. */
export function obstacleTo(
  request: AdmittedRequest,
  { batch, nowMs }: { readonly batch: OpenBatch; readonly nowMs: number },
): InferenceError | undefined {
  if (batch.isCancelled(request)) return new InferenceError("canceled", "the caller gave the request up");
  if (batch.remainingMs(request, nowMs) > 0) return undefined;
  return tooLate(request);
}

/** What a request is told whose timeout was over before it had started. */
export function tooLate({ timeoutMs }: AdmittedRequest): InferenceError {
  return new InferenceError("deadlineExceeded", `the request could not start within ${timeoutMs} ms`);
}
