import { curveMs, type RunShape } from "../latency/latency-curve.ts";
import type { Candidate, PlanLimits } from "./batch-sum.ts";

/** A run takes 5 ms, and 1 ms for each element. */
const curve = { fixedMs: 5, perElementMs: 1, perPairMs: 0 };

/** Limits of a batch that starts at 100 ms and of which hardly anything is bounded. */
export function someLimits(fields: Partial<PlanLimits> = {}): PlanLimits {
  return {
    maxItems: 32,
    maxTokens: Infinity,
    maxBytes: Infinity,
    maxDurationMs: Infinity,
    furtherMs: 0,
    startMs: 100,
    overheadMs: 0,
    boundMs: (shape: RunShape) => curveMs(curve, shape),
    enoughItems: () => 32,
    ...fields,
  };
}

/** One item of one element that has all the time in the world. */
export function aCandidate(fields: Partial<Candidate> = {}): Candidate {
  return { items: 1, length: 1, bytes: 1, deadlineMs: Infinity, maxBatchItems: Infinity, ...fields };
}
