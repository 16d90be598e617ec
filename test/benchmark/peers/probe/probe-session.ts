import { resolve } from "node:path";
import { InferenceSession, Tensor } from "onnxruntime-node";

/** The benchmark runs in the root of the repository. */
const modelPath = resolve("deploy/models/overhead-probe/1/model.onnx");

/** Values of one input. */
export const probeInputLength = 16;
/** Values of one answer, which add up to 1. */
export const probeAnswerLength = 10;

/** `overhead-probe` in onnxruntime-node on the thread that opened it, which a run blocks. */
export interface ProbeSession {
  /** Runs rows of {@link probeInputLength} values in one go; they must not be changed before it resolves. */
  run(rows: Float32Array): Promise<Float32Array>;
}

/** Opens the model with the session options of Sluice's engine: one thread, which does not spin between runs. */
export async function openProbeSession(): Promise<ProbeSession> {
  const session = await InferenceSession.create(modelPath, {
    executionProviders: ["cpu"],
    executionMode: "sequential",
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    extra: { session: { intra_op: { allow_spinning: "0" }, x64quantprecision: "1" } },
  });
  return {
    async run(rows) {
      const input = new Tensor("float32", rows, [rows.length / probeInputLength, probeInputLength]);
      const { probs } = await session.run({ input });
      if (!(probs?.data instanceof Float32Array))
        throw new Error("overhead-probe gave no floats named probs");
      return probs.data;
    },
  };
}
