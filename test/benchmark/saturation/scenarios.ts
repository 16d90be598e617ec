import type { BenchmarkScenario } from "../scenario/scenario.ts";
import { createSaturation } from "./saturation.ts";
import { sentenceEmbedding, textRecognition } from "./workload.ts";

/** In the order of a report. */
export const saturationScenarios: readonly BenchmarkScenario[] = [
  createSaturation(sentenceEmbedding),
  createSaturation(textRecognition),
];
