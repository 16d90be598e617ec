import type { AdmittedRequest, Control, OpenRun, WorkBatch } from "@sluice/protocol";
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
  /** Sequences that run, by their requests. */
  readonly sequences: Map<AdmittedRequest, SteeredSequence>;
  isCancelled(request: AdmittedRequest): boolean;
  /** Cancels requests and opens windows of streams, of those that are meant and in the batch. */
  control(control: Control): void;
  openRuns(): OpenRun[];
  /** What its sequences have cost so far, in milliseconds. */
  costMs(): number;
  /** Time left of the request's timeout, in milliseconds; Infinity if it has none. */
  remainingMs(request: AdmittedRequest, nowMs: number): number;
}

/** Opens a batch that has just arrived. */
export function createOpenBatch(work: WorkBatch, arrivedMs: number): OpenBatch {
  const cancelled = new Set<AdmittedRequest>();
  const sequences = new Map<AdmittedRequest, SteeredSequence>();
  const requestsOf = (id: string, reply: string | undefined): AdmittedRequest[] =>
    work.requests.filter((request) => request.id === id && (reply ?? request.reply) === request.reply);
  return {
    work,
    arrivedMs,
    sequences,
    isCancelled: (request) => cancelled.has(request),
    control: ({ reply, cancel, windows }) => {
      for (const request of cancel.flatMap((id) => requestsOf(id, reply))) {
        cancelled.add(request);
        sequences.get(request)?.cancel(givenUp());
      }
      for (const { id, frameLimit } of windows) {
        for (const request of requestsOf(id, reply)) sequences.get(request)?.allow(frameLimit);
      }
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
  if (batch.isCancelled(request)) return givenUp();
  if (batch.remainingMs(request, nowMs) > 0) return undefined;
  return tooLate(request);
}

function givenUp(): InferenceError {
  return new InferenceError("canceled", "the caller gave the request up");
}

/** What a request is told whose timeout was over before it had started. */
export function tooLate({ timeoutMs }: AdmittedRequest): InferenceError {
  return new InferenceError("deadlineExceeded", `the request could not start within ${timeoutMs} ms`);
}
