import type { Engine, EngineRun, EngineSignature, EngineTensor } from "@sluice/engine";
import type { TensorSpec } from "@sluice/protocol";
import { InferenceError } from "@sluice/protocol";

/** What a decoder remembers of one sequence: the keys and values of every token so far. */
export interface DecoderState {
  /** Tokens the engine has seen. */
  readonly length: number;
  /** Belongs to the next step, which gives the buffers away. */
  readonly past: readonly EngineTensor[];
}

/** One step of a sequence. */
export interface DecoderStep {
  /** The token with the highest score. */
  readonly token: number;
  readonly state: DecoderState;
  readonly inferenceMs: number;
  readonly transferMs: number;
}

/**
 * Drives a decoder model of one sequence with keys and values carried from step to step by transfer, not by copy.
 *
 * The engine's file has the inputs `input_ids` and `position_ids` INT64 `[1, S]`, `attention_mask` INT64 `[1, past + S]`
 * and `past_key_values.*` FP32 `[1, heads, past, width]`, and the outputs `logits` FP32 `[1, S, tokens]` and
 * `present.*`, each of which becomes the input of the same ending.
 */
export interface Decoder {
  /** State before the first token. */
  start(): DecoderState;
  /** Shows `tokens`, at least one, to the engine and picks the next one, greedily. */
  step(engine: Engine, options: { tokens: readonly number[]; state: DecoderState }): Promise<DecoderStep>;
}

const pastPrefix = "past_key_values.";
const presentPrefix = "present.";

/**
 * Creates a decoder for an engine of this signature.
 * @throws {InferenceError} `invalidArgument` when it is not that of a decoder.
 */
export function createDecoder(signature: EngineSignature): Decoder {
  const pastSpecs = signature.inputs.filter((input) => input.name.startsWith(pastPrefix));
  const expected = ["input_ids", "position_ids", "attention_mask"];
  const missing = expected.filter((name) => !signature.inputs.some((input) => input.name === name));
  if (pastSpecs.length === 0) missing.push(`${pastPrefix}*`);
  if (missing.length > 0) {
    throw new InferenceError(
      "invalidArgument",
      `the model cannot generate: it has no input ${missing.join(", ")}`,
    );
  }
  return {
    start: () => ({ length: 0, past: pastSpecs.map(emptyPast) }),
    step: async (engine, { tokens, state }) => {
      const run = await engine.run(stepInputs(tokens, state));
      return {
        token: bestToken(run),
        state: { length: state.length + tokens.length, past: nextPast(run) },
        inferenceMs: run.inferenceMs,
        transferMs: run.transferMs,
      };
    },
  };
}

/** Keys or values of no token: one sequence, variable axes empty. */
function emptyPast(spec: TensorSpec): EngineTensor {
  const shape = spec.shape.map((size, axis) => (axis === 0 ? 1 : Math.max(size, 0)));
  return { name: spec.name, datatype: spec.datatype, shape, buffer: new ArrayBuffer(0) };
}

function stepInputs(tokens: readonly number[], { length, past }: DecoderState): EngineTensor[] {
  const positions = tokens.map((_, index) => length + index);
  const mask = new BigInt64Array(length + tokens.length).fill(1n);
  return [
    int64Row("input_ids", BigInt64Array.from(tokens, BigInt)),
    int64Row("position_ids", BigInt64Array.from(positions, BigInt)),
    int64Row("attention_mask", mask),
    ...past,
  ];
}

function int64Row(name: string, elements: BigInt64Array<ArrayBuffer>): EngineTensor {
  return { name, datatype: "INT64", shape: [1, elements.length], buffer: elements.buffer };
}

/** The highest score of the last position. */
function bestToken({ outputs }: EngineRun): number {
  const logits = outputs.find((output) => output.name === "logits");
  const tokenCount = logits?.shape.at(-1) ?? 0;
  if (logits === undefined || tokenCount === 0)
    throw new InferenceError("internal", "the model gave no logits");
  const scores = new Float32Array(logits.buffer).subarray(-tokenCount);
  let best = 0;
  for (let token = 1; token < scores.length; token++) {
    if ((scores[token] ?? 0) > (scores[best] ?? 0)) best = token;
  }
  return best;
}

function nextPast({ outputs }: EngineRun): EngineTensor[] {
  return outputs
    .filter((output) => output.name.startsWith(presentPrefix))
    .map((output) => ({ ...output, name: pastPrefix + output.name.slice(presentPrefix.length) }));
}
