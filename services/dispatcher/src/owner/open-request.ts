import type { AdmittedRequest, InferenceRequest } from "@sluice/protocol";
import type { BatchReason, QueueEntry } from "@sluice/scheduling";
import type { Payment } from "./payment.ts";

/** What the owner keeps of every run that may go on, whether it knows the request or not. */
interface RunState {
  readonly id: string;
  readonly tenant: string;
  readonly reply: string;
  readonly attempt: number;
  /** Whether it must have its worker for itself, see {@link isLastAttempt}. */
  readonly runsAlone: boolean;
  /** Where it runs; `undefined` until it was given to a worker. */
  batch: Batch | undefined;
  /** Whether its caller gave it up: it is not run again. */
  isCanceled: boolean;
  /** Its place among the open runs, see `open-runs.ts`. */
  openHash: number;
  nextOpen: Run | undefined;
}

/**
 * A request at its owner, from its admission to its end: as it waits in the queue, as it goes to a worker and while it runs
 * there. One object on purpose: what is made for every request is most of what a request costs here.
 */
export interface OpenRequest extends AdmittedRequest, RunState, QueueEntry {
  readonly kind: "request";
  /** The caller's, or the default. */
  readonly timeoutMs: number;
  /** As of when it last left, see {@link stampQueuedMs}; {@link queuedMs} tells it for now. */
  queuedMs: number;
  maxBatchItems: number;
  chargedMs: number;
  /** The id the caller gave: `id`, or "" where it gave none and the owner made one. */
  readonly callerId: string;
  /** `undefined` where nothing limits what its tenant may spend. */
  readonly payment: Payment | undefined;
}

/** A run that a worker listed for an earlier owner, whose request was not seen here yet. */
export interface ListedRun extends RunState {
  readonly kind: "listed";
}

export type Run = OpenRequest | ListedRun;

/** What was expected of a batch when it was sent. */
export interface RunPlan {
  /** Why it has no more in it. */
  readonly reason: BatchReason;
  /** How long its run takes; 0 where that is not known. */
  readonly predictedMs: number;
  /** When its worker is free for it. */
  readonly startsAtMs: number;
}

/** A batch that was given to a worker and of which nothing was heard since. */
export interface Batch {
  readonly batchId: string;
  /** The credit it answered, "" for one that an earlier owner sent. */
  readonly creditId: string;
  readonly worker: string;
  readonly model: string;
  readonly items: number;
  readonly sentAtMs: number;
  /** `undefined` for one that an earlier owner sent. */
  readonly plan: RunPlan | undefined;
  readonly runs: Run[];
  /** When a heartbeat last listed it. */
  listedAtMs: number | undefined;
  /** Ends the wait for a refusal. */
  answers: Disposable | undefined;
}

/** What the requests of one message have in common. */
export interface RequestSource {
  readonly model: string;
  readonly tenant: string;
  readonly reply: string;
  readonly maxBatchItems: number;
  /** Whether the model's answers leave in the order of arrival. */
  readonly keepsOrder: boolean;
  /** When they arrived, on the owner's monotonic clock. */
  readonly nowMs: number;
}

/** What the owner decides for one request when it takes it in. */
export interface Placement {
  readonly id: string;
  readonly timeoutMs: number;
  readonly attempt: number;
  readonly runsAlone: boolean;
  readonly items: number;
  readonly length: number;
  readonly bytes: number;
  readonly arrival: number;
  readonly payment: Payment | undefined;
}

/** Makes an open request. Field by field on purpose: a spread of this many fields takes microseconds. */
export function openRequest(
  request: InferenceRequest,
  source: RequestSource,
  placement: Placement,
): OpenRequest {
  return {
    kind: "request",
    id: placement.id,
    timeoutMs: placement.timeoutMs,
    queuedMs: request.queuedMs,
    stream: request.stream,
    accept: request.accept,
    inputs: request.inputs,
    body: request.body,
    outputs: request.outputs,
    parameters: request.parameters,
    metadata: request.metadata,
    items: placement.items,
    length: placement.length,
    priority: request.priority,
    queueTimeoutMs: request.queueTimeoutMs,
    attempt: placement.attempt,
    fromFrame: request.fromFrame,
    deterministic: request.deterministic,
    inputRef: request.inputRef,
    traceparent: request.traceparent,
    cost: request.cost,
    idempotencyKey: request.idempotencyKey,
    tenant: source.tenant,
    reply: source.reply,
    model: source.model,
    bytes: placement.bytes,
    deadlineMs: source.nowMs + placement.timeoutMs - request.queuedMs,
    arrival: placement.arrival,
    maxBatchItems: source.maxBatchItems,
    order: source.keepsOrder ? placement.arrival : 0,
    runsAlone: placement.runsAlone,
    chargedMs: 0,
    stay: "new",
    batch: undefined,
    isCanceled: false,
    openHash: 0,
    nextOpen: undefined,
    callerId: request.id,
    payment: placement.payment,
  };
}

/** The same request for another run of it: to wait again at its old place, or to go on as one that a worker has. */
export function openAgain(
  request: OpenRequest,
  { attempt, runsAlone, isCanceled }: Pick<Run, "attempt" | "runsAlone" | "isCanceled">,
): OpenRequest {
  return {
    ...request,
    attempt,
    runsAlone,
    isCanceled,
    chargedMs: 0,
    stay: "new",
    batch: undefined,
    nextOpen: undefined,
  };
}

/**
 * Whether a run with this attempt is the last of its request, which has its worker for itself. A request that is never run again
 * shares as all others do: it has no attempt that it could have alone.
 */
export function isLastAttempt(attempt: number, maxAttempts: number): boolean {
  return attempt > 0 && attempt >= maxAttempts - 1;
}

/** Time since the caller's call, in milliseconds; 0 where a timeout of ages leaves no precision for it. */
export function queuedMs(request: OpenRequest, nowMs: number): number {
  return Math.max(0, request.timeoutMs - (request.deadlineMs - nowMs));
}

/** Notes the time a request spent so far, before it goes on to somebody else. */
export function stampQueuedMs(request: OpenRequest, nowMs: number): void {
  request.queuedMs = queuedMs(request, nowMs);
}
