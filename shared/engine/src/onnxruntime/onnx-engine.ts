import { InferenceError } from "@sluice/protocol";
import type { Clock } from "@sluice/runtime";
import type { Decoder, DecoderStep, StepRequest } from "../decoder.ts";
import type { Engine, EngineRun, EngineSignature, EngineTensor } from "../engine.ts";
import { checkInputs } from "../input-check.ts";
import { createRunQueue } from "../run-queue.ts";
import { checkRows } from "../step-check.ts";
import { decoderSpecOf, tokenBytesOf } from "./decoder-spec.ts";
import { toSignature } from "./declared-signature.ts";
import { toEngineError } from "./engine-error.ts";
import { type EngineLink, startEngineThread } from "./engine-link.ts";
import type { Provider } from "./provider.ts";
import type { ThreadReply } from "./thread-messages.ts";

export interface OnnxEngineOptions {
  /** Path of the `.onnx` file; external data is found beside it. */
  readonly modelPath: string;
  readonly clock: Clock;
  /** Default `cpu`. Nothing falls back: a provider that is not available fails the load. See `probeProviders`. */
  readonly provider?: Provider;
  /** Which of several devices to use; default 0. Heeded by `cuda`, `tensorrt` and `dml`. */
  readonly deviceId?: number;
  /**
   * Threads that compute one run; default 1. Over all engines of a machine they should not add up to more than its
   * cores: two instances of one thread do as much as one of two, and small models gain nothing from a second thread.
   */
  readonly intraOpThreads?: number;
  /** Whether requests can be joined along the first axis, for files that do not say so; default: what the file says. */
  readonly hasBatchAxis?: boolean;
}

/**
 * Loads an ONNX model into an engine thread of its own.
 * @throws {InferenceError} `notFound` without the file, `invalidArgument` for an unreadable one, `unimplemented` for operators
 * or types this ONNX Runtime lacks, `unavailable` when the provider is not available or the thread died, else `internal`.
 */
export async function loadOnnxEngine(options: OnnxEngineOptions): Promise<Engine> {
  const { modelPath, clock, provider = "cpu", deviceId = 0, intraOpThreads = 1 } = options;
  const startedMs = clock.monotonicMs();
  const link = startEngineThread({ modelPath, provider, deviceId, intraOpThreads });
  const signature = await loadedSignature(link, options.hasBatchAxis);
  return createOnnxEngine({ link, clock, signature, loadMs: clock.monotonicMs() - startedMs });
}

async function loadedSignature(link: EngineLink, hasBatchAxis?: boolean): Promise<EngineSignature> {
  try {
    const reply = await link.reply();
    if (reply.kind === "loadFailed") throw toEngineError("load", reply.reason);
    if (reply.kind !== "loaded") throw outOfTurn(reply);
    return toSignature(reply, hasBatchAxis);
  } catch (error) {
    await link.end();
    throw error;
  }
}

interface Transfer {
  /** What passed beside the run from its being sent until its answer was read. */
  readonly aloneMs: number;
  /** What the thread stood idle before it. */
  readonly idleMs: number;
  /** Whether another run was open when it was sent, and when its answer was read. */
  readonly isBehind: boolean;
  readonly isBefore: boolean;
}

/** What of a run's way there and back the engine did nothing: all of it where it is alone, else at most what it stood idle. */
function idleAroundMs({ aloneMs, idleMs, isBehind, isBefore }: Transfer): number {
  if (isBehind) return Math.max(0, Math.min(idleMs, aloneMs));
  // The way back passed while the next one ran, and nobody knows what of the rest was the way there: hardly anything.
  return isBefore ? 0 : Math.max(0, aloneMs);
}

function outOfTurn({ kind }: ThreadReply): InferenceError {
  return new InferenceError("internal", `the engine thread said ${kind} out of turn`);
}

interface LoadedModel {
  readonly link: EngineLink;
  readonly clock: Clock;
  readonly signature: EngineSignature;
  readonly loadMs: number;
}

/** Runs in the thread: one that is computed, and the next, so that the thread need not wait for this one to send it. */
const maxOpenRuns = 2;

function createOnnxEngine({ link, clock, signature, loadMs }: LoadedModel): Engine {
  const queue = createRunQueue("onnxruntime", { maxOpen: maxOpenRuns });
  let openCount = 0;

  async function runOnce(inputs: readonly EngineTensor[]): Promise<EngineRun> {
    checkInputs(signature, inputs);
    const sentMs = clock.monotonicMs();
    const isBehind = openCount > 0;
    openCount += 1;
    try {
      const reply = await link.run(inputs);
      if (reply.kind === "runFailed") throw toEngineError("run", reply.reason);
      if (reply.kind !== "ran") throw outOfTurn(reply);
      const { outputs, inferenceMs, idleMs } = reply;
      const isBefore = openCount > 1;
      const aloneMs = clock.monotonicMs() - sentMs - inferenceMs;
      return { outputs, inferenceMs, transferMs: idleAroundMs({ aloneMs, idleMs, isBehind, isBefore }) };
    } finally {
      openCount -= 1;
    }
  }

  async function stepOnce(request: StepRequest): Promise<DecoderStep> {
    checkRows(request.rows);
    const sentMs = clock.monotonicMs();
    const reply = await link.step(request);
    if (reply.kind !== "stepped") throw outOfTurn(reply);
    const { inferenceMs } = reply;
    const transferMs = Math.max(0, clock.monotonicMs() - sentMs - inferenceMs);
    const outcomes = reply.outcomes.map((outcome) =>
      outcome.kind === "token"
        ? outcome
        : { kind: outcome.kind, error: toEngineError("run", outcome.reason) },
    );
    return { outcomes, inferenceMs, transferMs };
  }

  function close(): Promise<void> {
    return queue.close(() => link.end());
  }

  const spec = decoderSpecOf(signature);
  const decoder: Decoder | undefined = spec && {
    tokenBytes: tokenBytesOf(spec),
    step: (request) => queue.run(() => stepOnce(request)),
  };

  return {
    signature,
    loadMs,
    ...(decoder === undefined ? {} : { decoder }),
    run: (inputs) => queue.run(() => runOnce(inputs)),
    close,
    [Symbol.asyncDispose]: close,
  };
}
