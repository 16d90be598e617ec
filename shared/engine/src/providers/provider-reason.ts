/**
 * Why a provider is available or not.
 *
 * - `available`: a model ran on it
 * - `libraryMissing`: its own libraries, or those they need, are not installed
 * - `deviceMissing`: the libraries are there, but no driver or device that they can use
 * - `timedOut`, `crashed`: trying it hung or ended the process
 * - `failed`: anything else; the detail says what
 */
export type ProviderReason =
  "available" | "libraryMissing" | "deviceMissing" | "timedOut" | "crashed" | "failed";

interface Row {
  readonly pattern: RegExp;
  readonly reason: ProviderReason;
}

const rows: readonly Row[] = [
  // dlopen of libonnxruntime_providers_*.so, or of a library it needs, failed.
  { pattern: /Failed to load shared library|cannot open shared object file/i, reason: "libraryMissing" },
  // Dawn found no Vulkan, Metal or Direct3D device; CUDA found no driver or no device.
  { pattern: /adapter|no CUDA-capable device|driver version is insufficient/i, reason: "deviceMissing" },
];

/** Tells by the text of a failed try, which is all that ONNX Runtime gives. */
export function toProviderReason(message: string): ProviderReason {
  return rows.find((row) => row.pattern.test(message))?.reason ?? "failed";
}
