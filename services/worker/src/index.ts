export { readConfig, type WorkerConfig } from "./config.ts";
export { createEngineLoader, type EngineLoaderOptions, type LoadEngine } from "./models/engine-loader.ts";
export type { ModelDescription } from "./repository/model-description.ts";
export { type ModelRepository, readModelRepository } from "./repository/model-repository.ts";
export { createWorker, type Worker, type WorkerOptions } from "./worker.ts";
export type { WorkerEvent } from "./worker-event.ts";
export { createWorkerMetrics } from "./worker-metrics.ts";
