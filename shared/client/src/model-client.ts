import { InferenceError, subjects } from "@sluice/protocol";
import { onAborted } from "./abort-listeners.ts";
import { checkCallOptions, toRequestOptions, type CallOptions } from "./call-options.ts";
import type { Calls } from "./calls.ts";
import { toTensors, type ModelInputs } from "./inputs.ts";
import { createOpenCall, type CallReader, type OpenCall } from "./open-call.ts";
import { createRequest } from "./outgoing-request.ts";
import { ResultReader } from "./result-reader.ts";
import type { Result, StreamFrame } from "./result.ts";
import { StreamReader } from "./stream-reader.ts";

/** One model, as its callers see it. */
export interface ModelClient {
  readonly name: string;
  /**
   * Runs the model on `inputs`. Calls of one tick travel together.
   * @throws {InferenceError} `canceled` when the signal aborts or the client closes; `deadlineExceeded` after `timeoutMs`;
   * `notFound` when nobody serves the model; `resourceExhausted` when the request fits no message, or over a quota;
   * `unavailable` when it was refused and retries did not help, or its time was over while the connection was lost; whatever
   * the services answer.
   */
  infer(inputs: ModelInputs, options?: CallOptions): Promise<Result>;
  /**
   * Runs the model and gives its frames as they come, in order. Nothing is sent before the first one is asked for; leaving the
   * loop cancels the run. The reader is given 64 frames ahead of what it takes. `timeoutMs` is for the first frame.
   * @throws {InferenceError} as {@link infer}, from the loop; `aborted` when the stream cannot be continued, as after a lost connection.
   */
  stream(inputs: ModelInputs, options?: CallOptions): AsyncGenerator<StreamFrame, void, undefined>;
}

/** What a call is made of. */
interface CallSpec {
  readonly model: string;
  readonly inputs: ModelInputs;
  readonly options: CallOptions;
  readonly isStream: boolean;
}

/**
 * Makes the client of one model.
 * @throws {InferenceError} `invalidArgument` when the name is not a token.
 */
export function createModelClient(model: string, calls: Calls): ModelClient {
  subjects.infer(model, calls.options.tenant);
  return {
    name: model,
    infer: (inputs, options = {}) =>
      new Promise((resolve, reject) => {
        startCall(calls, { model, inputs, options, isStream: false }, new ResultReader(resolve, reject));
      }),
    stream: (inputs, options = {}) => openStream(calls, { model, inputs, options, isStream: true }),
  };
}

/** The frames of a stream. A generator's own `return` and `throw` wait behind a frame that is awaited; these end the wait. */
function openStream(calls: Calls, spec: CallSpec): AsyncGenerator<StreamFrame, void, undefined> {
  let reader: StreamReader | undefined;
  const frames = readFrames();
  const end = frames.return.bind(frames);
  const fail = frames.throw.bind(frames);
  frames.return = (value) => {
    reader?.leave();
    return end(value);
  };
  frames.throw = (error) => {
    reader?.leave();
    return fail(error);
  };
  return frames;

  async function* readFrames(): AsyncGenerator<StreamFrame, void, undefined> {
    const channel = calls.channel(spec.model);
    reader = new StreamReader({
      allow: (frameLimit) => channel.allow(call, frameLimit),
      nowMs: () => calls.nowMs(),
    });
    const call = startCall(calls, spec, reader);
    try {
      for (;;) {
        const frame = await reader.next();
        if (frame === undefined) return;
        yield frame;
        if (frame.final) return;
      }
    } finally {
      channel.cancel(call, new InferenceError("canceled", "the reader of the stream has left"));
    }
  }
}

function startCall(calls: Calls, spec: CallSpec, reader: CallReader): OpenCall {
  const { model, options, isStream } = spec;
  if (calls.isClosed) throw new InferenceError("canceled", "the client is closed");
  checkCallOptions(options);
  const { signal, onSent } = options;
  if (signal?.aborted === true) throw canceledBy(signal);
  const tensors = toTensors(spec.inputs);
  const requestOptions = toRequestOptions(options, calls.options);
  const channel = calls.channel(model);
  const request = createRequest(requestOptions, {
    stream: isStream,
    inputs: channel.layouts.layoutsOf(tensors),
    body: tensors.map(({ bytes }) => bytes),
  });
  const call = createOpenCall({ request, reader, onSent: onSent && tellSent, nowMs: calls.nowMs() });
  if (signal !== undefined) {
    call.unlink = onAborted(signal, () => channel.cancel(call, canceledBy(signal)));
  }
  channel.add(call);
  return call;

  function tellSent(requestId: string): void {
    try {
      onSent?.(requestId);
    } catch (cause) {
      channel.cancel(call, new InferenceError("canceled", "the call's onSent threw", { cause }));
    }
  }
}

function canceledBy(signal: AbortSignal): InferenceError {
  return new InferenceError("canceled", "the caller's signal aborted", { cause: signal.reason });
}
