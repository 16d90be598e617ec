/**
 * Tries one execution provider, in a process that may die of it: a missing driver can take a process down or let it hang.
 * Started with the name of a provider it writes a {@link ProviderTry} as JSON to stdout, without one the list of {@link Backend}s.
 */
import { InferenceSession, listSupportedBackends, Tensor } from "onnxruntime-node";
import { encodeOneOpModel } from "../onnxruntime/one-op-model.ts";
import type { Backend, ProviderTry } from "./provider-try.ts";

const float = 1;
const vector = (name: string) => ({ name, elementType: float, shape: [2] });
const addition = encodeOneOpModel({
  op: "Add",
  inputs: [vector("a"), vector("b")],
  outputs: [vector("sum")],
});

async function tryProvider(provider: string): Promise<ProviderTry> {
  try {
    const session = await InferenceSession.create(addition, {
      executionProviders: [provider],
      intraOpNumThreads: 1,
      logSeverityLevel: 4,
    });
    const ones = new Tensor("float32", Float32Array.of(1, 1), [2]);
    const { sum } = await session.run({ a: ones, b: ones });
    const isRight = sum?.data[0] === 2 && sum.data[1] === 2;
    return isRight ? { kind: "ready" } : { kind: "failed", message: "1 + 1 did not give 2" };
  } catch (thrown) {
    return { kind: "failed", message: thrown instanceof Error ? thrown.message : String(thrown) };
  }
}

const [, , provider] = process.argv;
const written: readonly Backend[] | ProviderTry =
  provider === undefined ? listSupportedBackends() : await tryProvider(provider);
process.stdout.write(JSON.stringify(written));
