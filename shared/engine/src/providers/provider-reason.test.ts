import { describe, expect, test } from "vitest";
import { toProviderReason } from "./provider-reason.ts";

describe("toProviderReason()", () => {
  test.each([
    ["OrtSessionOptionsAppendExecutionProvider_Cuda: Failed to load shared library", "libraryMissing"],
    ["libcudnn.so.9: cannot open shared object file: No such file or directory", "libraryMissing"],
    ["webgpu_context.cc:136 Failed to get a WebGPU adapter: No supported adapters", "deviceMissing"],
    ["CUDA failure 100: no CUDA-capable device is detected", "deviceMissing"],
    ["CUDA failure 35: CUDA driver version is insufficient for CUDA runtime version", "deviceMissing"],
    ["something new", "failed"],
  ])("takes %s for %s", (message, reason) => {
    expect(toProviderReason(message)).toBe(reason);
  });
});
