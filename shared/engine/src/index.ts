export type { Engine, EngineRun, EngineSignature, EngineTensor } from "./engine.ts";
export { loadOnnxEngine, type OnnxEngineOptions } from "./onnxruntime/onnx-engine.ts";
export { isProvider, type Provider, providers } from "./onnxruntime/provider.ts";
export { createSyntheticEngine, type SyntheticEngine } from "./synthetic/synthetic-engine.ts";
export type { SyntheticEngineOptions, SyntheticFault, SyntheticRun } from "./synthetic/synthetic-options.ts";
export type { SyntheticControl } from "./synthetic/synthetic-control.ts";
export { installCuda, type InstallCudaOptions, type InstalledCuda } from "./providers/install-cuda.ts";
export { probeProviders, type ProbeOptions, type ProviderReport } from "./providers/probe-providers.ts";
export type { ProviderReason } from "./providers/provider-reason.ts";
