import type { Frame } from "./frame.ts";
import type { Refusal } from "./refusal.ts";
import type { AdmittedRequest } from "./request.ts";

/** What every field of a frame is when nothing else is said; a pack leaves these out. */
export const frameDefaults: Omit<Frame, "id" | "tenant" | "reply"> = Object.freeze({
  accept: "msgpack",
  epoch: 0,
  attempt: 0,
  frame: 0,
  final: true,
  code: "ok",
  message: "",
  details: Object.freeze({}),
  retryAfterMs: 0,
  timings: Object.freeze({ queuedMs: 0, batchMs: 0, transferMs: 0, inferenceMs: 0, totalMs: 0 }),
  outputs: Object.freeze([]),
  body: Object.freeze([]),
  parameters: Object.freeze({}),
});

/** What a frame takes over from the request it answers. */
export type Answered = Pick<AdmittedRequest, "id" | "tenant" | "reply" | "accept" | "attempt">;

/** What a frame says by itself. */
export type FrameContent = Omit<Frame, "id" | "tenant" | "reply" | "accept">;

/** Makes a frame that answers `request`; what `partial` leaves out has its default, `attempt` the request's own. */
export function createFrame(request: Answered, partial: Partial<FrameContent>): Frame {
  return {
    id: request.id,
    tenant: request.tenant,
    reply: request.reply,
    accept: request.accept,
    epoch: partial.epoch ?? frameDefaults.epoch,
    attempt: partial.attempt ?? request.attempt,
    frame: partial.frame ?? frameDefaults.frame,
    final: partial.final ?? frameDefaults.final,
    code: partial.code ?? frameDefaults.code,
    message: partial.message ?? frameDefaults.message,
    details: partial.details ?? frameDefaults.details,
    retryAfterMs: partial.retryAfterMs ?? frameDefaults.retryAfterMs,
    timings: partial.timings ?? frameDefaults.timings,
    outputs: partial.outputs ?? frameDefaults.outputs,
    body: partial.body ?? frameDefaults.body,
    parameters: partial.parameters ?? frameDefaults.parameters,
  };
}

/**
 * Makes the final frame that tells the caller of `request` why it failed.
 * @param run `attempt` is the request's own by default, and no time has passed.
 */
export function errorFrame(
  request: Answered,
  run: Pick<Frame, "epoch"> & Partial<Pick<Frame, "attempt" | "timings">>,
  refusal: Refusal,
): Frame {
  return createFrame(request, {
    epoch: run.epoch,
    attempt: run.attempt ?? request.attempt,
    code: refusal.code,
    message: refusal.message,
    details: refusal.details ?? frameDefaults.details,
    retryAfterMs: refusal.retryAfterMs ?? 0,
    timings: run.timings ?? frameDefaults.timings,
  });
}
