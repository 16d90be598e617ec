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
 * row that matches decides; the test lists what 1.30.0 really says.
 */
const rows: readonly Row[] = [
  // A wrong path in the repository or in the options.
  {
    phase: "load",
    pattern: /File doesn't exist/,
    code: "notFound",
    message: "the model file does not exist",
  },
  // Another kind of file, or one that was cut off.
  {
    phase: "load",
    pattern: /protobuf parsing failed|ModelProto does not have a graph|path is a directory/i,
    code: "invalidArgument",
    message: "the model file is not a readable ONNX model",
  },
  // External data is looked up beside the model file.
  {
    phase: "load",
    pattern: /External data path|External initializer/,
    code: "notFound",
    message: "the model's external data file is missing or too short",
  },
  // Operators, versions and element types that this ONNX Runtime does not know.
  {
    phase: "load",
    pattern:
      /No Op registered|Unsupported data type|Unsupported model IR version|Opset \d+ is under development|NOT_IMPLEMENTED/,
    code: "unimplemented",
    message: "the model uses operators or types that this engine does not have",
  },
  // The graph contradicts itself: types, shapes, or the number of a node's inputs.
  {
    phase: "load",
    pattern: /This is an invalid model|Type Error|ShapeInferenceError/,
    code: "invalidArgument",
    message: "the model's graph is not valid",
  },
  // The provider's libraries, driver or device are missing; ONNX Runtime does not fall back by itself.
  {
    phase: "load",
    pattern: /backend not found|OrtSessionOptionsAppendExecutionProvider|WebGPU adapter|CUDA failure/,
    code: "unavailable",
    message: "the execution provider is not available on this machine",
  },
  // The inputs contradict the signature: their check should have refused them before.
  {
    phase: "run",
    pattern: /Unexpected input data type|Invalid rank for input|Got invalid dimensions|is missing in 'feeds'/,
    code: "invalidArgument",
    message: "the model refuses the type or shape of an input",
  },
  // See `ort-tensor.ts`.
  {
    phase: "run",
    pattern: /^Text is not UTF-8, or has U\+0000$/,
    code: "invalidArgument",
    message: "a text is not UTF-8 or has the character U+0000: the model would get another one",
  },
  // The batch does not fit the memory of the device or the machine.
  {
    phase: "run",
    pattern: /Failed to allocate memory|bad_alloc|out of memory/i,
    code: "internal",
    message: "there is not enough memory to run this batch",
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
