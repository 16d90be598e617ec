/**
 * The engine thread: the one place where ONNX Runtime runs. Its calls block the thread they are made on, so this thread
 * does nothing else. It ends by itself after `close`; it must never be terminated, which aborts the process in mid-run.
 */
// Not the system clock of @sluice/runtime: loading that package would multiply the time every engine takes to start.
import { performance } from "node:perf_hooks";
import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import { env, InferenceSession } from "onnxruntime-node";
import type { StepRequest } from "../decoder.ts";
import type { EngineTensor } from "../engine.ts";
import { type DeclaredTensors, toSignature } from "./declared-signature.ts";
import { createStepRunner, reasonOf, type StepRunner } from "./decode-step.ts";
import { decoderSpecOf } from "./decoder-spec.ts";
import { fromOrtTensor, toOrtTensor } from "./ort-tensor.ts";
import type { Provider } from "./provider.ts";
import type { DeclaredTensor, ThreadOptions, ThreadReply, ThreadRequest } from "./thread-messages.ts";

/** Failures come back as exceptions; ONNX Runtime would print them to stderr as well. */
const fatalSeverity = 4;

/** The providers that take a device number; the others refuse options they do not know. */
const devicesAreNumbered: ReadonlySet<Provider> = new Set<Provider>(["cuda", "tensorrt", "dml"]);

function sessionOptions({
  provider,
  deviceId,
  intraOpThreads,
}: ThreadOptions): InferenceSession.SessionOptions {
  return {
    executionProviders: [devicesAreNumbered.has(provider) ? { name: provider, deviceId } : provider],
    executionMode: "sequential",
    intraOpNumThreads: intraOpThreads,
    interOpNumThreads: 1,
    logSeverityLevel: fatalSeverity,
    extra: {
      session: {
        // A pool that spins between runs takes the processor from the threads it shares it with.
        intra_op: { allow_spinning: "0" },
        // Without it, sums of int8 products overflow on x64 processors with AVX2 and no VNNI: their answers would be others.
        x64quantprecision: "1",
      },
    },
  };
}

function declared(metadata: readonly InferenceSession.ValueMetadata[]): DeclaredTensor[] {
  return metadata.map((value) =>
    value.isTensor
      ? { name: value.name, type: value.type, shape: value.shape }
      : { name: value.name, type: undefined, shape: [] },
  );
}

async function runModel(session: InferenceSession, inputs: readonly EngineTensor[]): Promise<EngineTensor[]> {
  const feeds = Object.fromEntries(inputs.map((input) => [input.name, toOrtTensor(input)]));
  const results = await session.run(feeds);
  return session.outputNames.flatMap((name) => {
    const tensor = results[name];
    return tensor === undefined ? [] : [fromOrtTensor(name, tensor)];
  });
}

const nowMs = (): number => performance.now();

type RunOnce = (inputs: readonly EngineTensor[]) => Promise<ThreadReply>;

function createRunOnce(session: InferenceSession): RunOnce {
  let freeSinceMs = nowMs();
  return async (inputs) => {
    const startedMs = nowMs();
    const idleMs = startedMs - freeSinceMs;
    try {
      const outputs = await runModel(session, inputs);
      return { kind: "ran", outputs, inferenceMs: nowMs() - startedMs, idleMs };
    } catch (thrown) {
      return { kind: "runFailed", reason: reasonOf(thrown) };
    } finally {
      freeSinceMs = nowMs();
    }
  };
}

async function stepOnce(runner: StepRunner, request: StepRequest): Promise<ThreadReply> {
  const startedMs = nowMs();
  const outcomes = await runner.step(request);
  return { kind: "stepped", outcomes, inferenceMs: nowMs() - startedMs };
}

function send(port: MessagePort, reply: ThreadReply): void {
  port.postMessage(reply, reply.kind === "ran" ? reply.outputs.map((output) => output.buffer) : []);
}

async function serve(port: MessagePort, options: ThreadOptions): Promise<void> {
  let session: InferenceSession;
  try {
    session = await InferenceSession.create(options.modelPath, sessionOptions(options));
  } catch (thrown) {
    send(port, { kind: "loadFailed", reason: reasonOf(thrown) });
    return;
  }
  const tensors = { inputs: declared(session.inputMetadata), outputs: declared(session.outputMetadata) };
  const runOnce = createRunOnce(session);
  let runner: StepRunner | undefined;
  let last = Promise.resolve();
  /** A request may come while another runs; a reply that cannot be sent rejects and ends the thread with an error. */
  const inTurn = (work: () => Promise<ThreadReply>): void => {
    last = last.then(work).then((reply) => send(port, reply));
  };
  port.on("message", (request: ThreadRequest) => {
    switch (request.kind) {
      case "close":
        // The thread ends once nothing is left to listen to; a failed release rejects and ends it with an error.
        void session.release().then(() => port.close());
        return;
      case "run":
        inTurn(() => runOnce(request.inputs));
        return;
      case "step": {
        const steps = (runner ??= openStepRunner(session, tensors));
        inTurn(() => stepOnce(steps, request));
        return;
      }
    }
  });
  send(port, { kind: "loaded", ...tensors });
}

function openStepRunner(session: InferenceSession, tensors: DeclaredTensors): StepRunner {
  const spec = decoderSpecOf(toSignature(tensors));
  if (spec === undefined) throw new Error("the model of this engine is no decoder");
  return createStepRunner(spec, { runModel: (inputs) => runModel(session, inputs), nowMs });
}

if (parentPort === null) throw new Error("the engine thread is started by loadOnnxEngine only");
env.logLevel = "fatal";
const options: ThreadOptions = workerData;
await serve(parentPort, options);
