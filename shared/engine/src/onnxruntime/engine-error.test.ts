import { describe, expect, test } from "vitest";
import { type EnginePhase, toEngineError } from "./engine-error.ts";
import { notText } from "./ort-tensor.ts";

/** What ONNX Runtime 1.30.0 said, recorded; paths shortened. */
const recorded: readonly { phase: EnginePhase; code: string; reason: string }[] = [
  {
    phase: "load",
    code: "notFound",
    reason: "Load model from /m.onnx failed:Load model /m.onnx failed. File doesn't exist",
  },
  {
    phase: "load",
    code: "invalidArgument",
    reason: "Load model from /m.onnx failed:Protobuf parsing failed.",
  },
  {
    phase: "load",
    code: "invalidArgument",
    reason: "Load model from /m.onnx failed:model.cc:187 ModelProto does not have a graph.",
  },
  {
    phase: "load",
    code: "invalidArgument",
    reason: "The model path is a directory. Loading a model package from a directory path is not supported.",
  },
  {
    phase: "load",
    code: "notFound",
    reason:
      'External data path validation failed for initializer: w. Error: External data path does not exist: "/weights.data"',
  },
  {
    phase: "load",
    code: "notFound",
    reason:
      "Deserialize tensor w failed. GetExtDataFromTensorProto External initializer: w offset: 0 size to read: 16384 given file_length: 100 are out of bounds or can not be read in full.",
  },
  {
    phase: "load",
    code: "unimplemented",
    reason:
      "This is an invalid model. In Node, Error No Op registered for Teleport with domain_version of 17",
  },
  { phase: "load", code: "unimplemented", reason: "Unsupported data type: 16" },
  {
    phase: "load",
    code: "unimplemented",
    reason: "model.cc:202 Unsupported model IR version: 99, max supported IR version: 13",
  },
  {
    phase: "load",
    code: "unimplemented",
    reason:
      "ONNX Runtime only *guarantees* support for models stamped with official released onnx opset versions. Opset 99 is under development and support for this is limited.",
  },
  {
    phase: "load",
    code: "invalidArgument",
    reason:
      "This is an invalid model. In Node, Error Node with schema(::Add:14) has input size 1 not in range [min=2, max=2].",
  },
  {
    phase: "load",
    code: "invalidArgument",
    reason:
      "Type Error: Type parameter (T) of Optype (Add) bound to different types (tensor(float) and tensor(int64) in node ().",
  },
  {
    phase: "load",
    code: "invalidArgument",
    reason: "Node () Op (Add) [ShapeInferenceError] Incompatible dimensions",
  },
  {
    phase: "load",
    code: "unavailable",
    reason: "no available backend found. ERR: [coreml] backend not found.",
  },
  {
    phase: "load",
    code: "unavailable",
    reason: "OrtSessionOptionsAppendExecutionProvider_Cuda: Failed to load shared library",
  },
  {
    phase: "load",
    code: "unavailable",
    reason: "webgpu_context.cc:136 Failed to get a WebGPU adapter: No supported adapters",
  },
  { phase: "load", code: "internal", reason: "something new" },
  {
    phase: "run",
    code: "invalidArgument",
    reason: "Unexpected input data type. Actual: (tensor(double)) , expected: (tensor(float))",
  },
  { phase: "run", code: "invalidArgument", reason: "Invalid rank for input: x Got: 3 Expected: 4" },
  {
    phase: "run",
    code: "invalidArgument",
    reason: "Got invalid dimensions for input: x for the following indices index: 1 Got: 4 Expected: 3",
  },
  { phase: "run", code: "invalidArgument", reason: "input 'x' is missing in 'feeds'." },
  { phase: "run", code: "invalidArgument", reason: notText },
  { phase: "run", code: "internal", reason: "Non-zero status code returned while running Reshape node." },
  { phase: "run", code: "internal", reason: "Failed to allocate memory for requested buffer of size 4096" },
  { phase: "run", code: "internal", reason: "File doesn't exist" },
];

describe("toEngineError()", () => {
  test.each(recorded)("answers $phase: $reason with $code", ({ phase, code, reason }) => {
    expect(toEngineError(phase, reason).code).toBe(code);
  });

  test("keeps the foreign text for this process only", () => {
    const error = toEngineError("load", "secret/path failed");
    expect(error.message).not.toContain("secret");
    expect(error.cause).toEqual(new Error("secret/path failed"));
  });
});
