import { elementSize, type Datatype, type TensorSpec } from "@sluice/protocol";
import type { EngineSignature } from "../engine.ts";

/** Names of a decoder's inputs and outputs, as exporters of ONNX decoders write them. */
export const decoderNames = {
  ids: "input_ids",
  positions: "position_ids",
  mask: "attention_mask",
  logits: "logits",
} as const;

const pastPrefix = "past_key_values.";
const presentPrefix = "present.";

/** Keys or values of one layer, as a decoder takes them in: `[rows, heads, tokens, width]`. */
export interface PastSpec {
  readonly name: string;
  /** The output that is this input in the next step. */
  readonly present: string;
  readonly datatype: Datatype;
  readonly heads: number;
  /** Bytes of one head of one token. */
  readonly headBytes: number;
  readonly width: number;
}

/**
 * How a decoder keeps what it knows of its sequences. Its file has the inputs `input_ids` and `position_ids` INT64
 * `[rows, S]`, `attention_mask` INT64 `[rows, past + S]` and `past_key_values.*` `[rows, heads, past, width]`, and the
 * outputs `logits` FP32 `[rows, S, tokens]` and `present.*`, each of which becomes the input of the same ending.
 */
export interface DecoderSpec {
  readonly past: readonly PastSpec[];
}

/** Reads how a model decodes from its signature; `undefined` if it is no decoder of that form. */
export function decoderSpecOf({ inputs, outputs }: EngineSignature): DecoderSpec | undefined {
  const past: PastSpec[] = [];
  const steering = new Set<string>([decoderNames.ids, decoderNames.positions, decoderNames.mask]);
  for (const input of inputs) {
    if (steering.delete(input.name)) {
      if (input.datatype !== "INT64" || input.shape.length !== 2) return undefined;
      continue;
    }
    const spec = pastSpecOf(input, outputs);
    if (spec === undefined) return undefined;
    past.push(spec);
  }
  const logits = outputs.find((output) => output.name === decoderNames.logits);
  const isDecoder = steering.size === 0 && past.length > 0 && logits?.datatype === "FP32";
  return isDecoder ? { past } : undefined;
}

function pastSpecOf(
  { name, datatype, shape }: TensorSpec,
  outputs: readonly TensorSpec[],
): PastSpec | undefined {
  const [rows, heads = 0, tokens, width = 0] = shape;
  const present = presentPrefix + name.slice(pastPrefix.length);
  const size = elementSize(datatype);
  const isPast = name.startsWith(pastPrefix) && outputs.some((output) => output.name === present);
  const isLaidOut = shape.length === 4 && rows === -1 && heads > 0 && tokens === -1 && width > 0;
  if (!isPast || !isLaidOut || size === undefined) return undefined;
  return { name, present, datatype, heads, headBytes: width * size, width };
}

/** Bytes of keys and values for each token of a sequence. */
export function tokenBytesOf({ past }: DecoderSpec): number {
  let bytes = 0;
  for (const { heads, headBytes } of past) bytes += heads * headBytes;
  return bytes;
}
