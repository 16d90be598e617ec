/** What onnxruntime-node can compute on; which of them a platform has is what `probeProviders` finds out. */
export const providers = ["cpu", "webgpu", "cuda", "tensorrt", "dml", "coreml"] as const;

export type Provider = (typeof providers)[number];

/** Whether `value` is one of {@link providers}. */
export function isProvider(value: string): value is Provider {
  return providers.some((provider) => provider === value);
}
