import { InferenceError, splitBody, type TensorSpec } from "@sluice/protocol";
import type { EngineSignature, EngineTensor } from "./engine.ts";

/**
 * Refuses inputs that the model cannot run, before anything is given away: the message says what was expected.
 * What only the model knows (that two variable axes must agree, say) is left to the engine.
 * @throws {InferenceError} `invalidArgument`.
 */
export function checkInputs(signature: EngineSignature, inputs: readonly EngineTensor[]): void {
  const byName = new Map(inputs.map((input) => [input.name, input]));
  if (byName.size !== inputs.length) throw refusal("an input is given twice");
  if (new Set(inputs.map((input) => input.buffer)).size !== inputs.length) {
    throw refusal("two inputs share one buffer, each needs its own");
  }
  for (const spec of signature.inputs) {
    const input = byName.get(spec.name);
    if (input === undefined) throw refusal(`input ${spec.name} is missing`);
    checkInput(spec, input);
    byName.delete(spec.name);
  }
  const [unknown] = byName.keys();
  if (unknown !== undefined) throw refusal(`the model has no input ${unknown}`);
  if (signature.hasBatchAxis && new Set(inputs.map((input) => input.shape[0])).size > 1) {
    throw refusal("all inputs must have the same number of rows on the batch axis");
  }
}

function checkInput(spec: TensorSpec, input: EngineTensor): void {
  if (input.datatype !== spec.datatype) {
    throw refusal(`input ${spec.name} is ${input.datatype}, expected ${spec.datatype}`);
  }
  if (!fitsShape(spec.shape, input.shape)) {
    throw refusal(
      `input ${spec.name} has shape [${input.shape.join(",")}], expected [${spec.shape.join(",")}]`,
    );
  }
  splitBody([input], [new Uint8Array(input.buffer)]);
}

function fitsShape(expected: readonly number[], actual: readonly number[]): boolean {
  return (
    expected.length === actual.length && expected.every((size, axis) => size === -1 || size === actual[axis])
  );
}

function refusal(message: string): InferenceError {
  return new InferenceError("invalidArgument", message);
}
