import { type ErrorCode, InferenceError } from "@sluice/protocol";

/** What was going on when ONNX Runtime failed. */
export type EnginePhase = "load" | "run";

interface Row {
  readonly phase: EnginePhase;
  readonly pattern: RegExp;
  readonly code: ErrorCode;
  readonly message: string;
}

/**
 * ONNX Runtime throws plain errors without a code, so the phase and the text are all there is to tell them by. The first
 * row that matches decides. The texts are those of 1.30.0; a test provokes each that a machine without a GPU can.
 */
const rows: readonly Row[] = [
  // A wrong path in the repository or in the options.
  {
    phase: "load",
    pattern: /File doesn't exist/i,
    code: "notFound",
    message: "the model file does not exist",
  },
  // Another kind of file, or one that was cut off.
  {
    phase: "load",
    pattern: /protobuf parsing failed|ModelProto does not have a graph/i,
    code: "invalidArgument",
    message: "the model file is not a readable ONNX model",
  },
  // External data is looked up beside the model file.
  {
    phase: "load",
    pattern: /external data|External initializer/i,
    code: "notFound",
    message: "the model's external data file is missing or too short",
  },
  // The graph is malformed: types or shapes contradict each other, a node has the wrong inputs.
  {
    phase: "load",
    pattern: /INVALID_GRAPH|Type Error|ShapeInferenceError|is not a registered function\/op|Fatal error/i,
    code: "invalidArgument",
    message: "the model's graph is not valid",
  },
  // Operators, opset versions and element types this ONNX Runtime has no kernel for.
  {
    phase: "load",
    pattern:
      /Unsupported data type|Unsupported model IR version|is not implemented|Could not find an implementation|opset/i,
    code: "unimplemented",
    message: "the model uses operators or types that this engine does not have",
  },
  // The provider's libraries, driver or device are missing; ONNX Runtime does not fall back by itself.
  {
    phase: "load",
    pattern:
      /backend not found|AppendExecutionProvider|Failed to load shared library|adapter|CUDA failure|CUDA error/i,
    code: "unavailable",
    message: "the execution provider is not available on this machine",
  },
  // The inputs contradict the signature: their check should have refused them before.
  {
    phase: "run",
    pattern:
      /Unexpected input data type|Invalid rank for input|Got invalid dimensions|is missing in 'feeds'/i,
    code: "invalidArgument",
    message: "the model refuses the type or shape of an input",
  },
  // The batch does not fit the device's or the machine's memory.
  {
    phase: "run",
    pattern: /Failed to allocate memory|bad_alloc|out of memory/i,
    code: "internal",
    message: "not enough memory to run this batch",
  },
  // A kernel met something it cannot compute, often because of an input's values; the session stays usable.
  {
    phase: "run",
    pattern: /Non-zero status code returned while running/i,
    code: "internal",
    message: "the model failed while it ran",
  },
];

/**
 * Converts what ONNX Runtime said into the error that callers get. Its own text names files, nodes and libraries: it is kept
 * as `cause`, for the log of this process, and never becomes part of the message.
 */
export function toEngineError(phase: EnginePhase, reason: string): InferenceError {
  const row = rows.find((row) => row.phase === phase && row.pattern.test(reason));
  const cause = new Error(reason);
  if (row !== undefined) return new InferenceError(row.code, row.message, { cause });
  const message = phase === "load" ? "the model could not be loaded" : "the model failed while it ran";
  return new InferenceError("internal", message, { cause });
}
