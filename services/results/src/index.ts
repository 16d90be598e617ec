export { createResultsMetrics } from "./results-metrics.ts";
export type { ResultsEvent } from "./results-event.ts";
export { createResults, type Results, type ResultsOptions } from "./results.ts";
