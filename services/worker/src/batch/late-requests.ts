import type { AdmittedRequest } from "@sluice/protocol";
import type { RunShape } from "@sluice/scheduling";

import type { EngineRunPlan } from "./engine-run-plan.ts";
import { keepRequests, requestsOf, shapeOf } from "./engine-run-plan.ts";

export interface LatenessOptions {
  /** Expected time of a run, in milliseconds; `undefined` while nothing is known. */
  readonly predictMs: (shape: RunShape) => number | undefined;
  /** Time left of the request's timeout, in milliseconds. */
  readonly remainingMs: (request: AdmittedRequest) => number;
}

/**
 * The requests of a run that would be answered too late if it started now. The most urgent is left out first, and what is
 * left runs the shorter for it.
 */
export function lateRequests(
  run: EngineRunPlan,
  { predictMs, remainingMs }: LatenessOptions,
): ReadonlySet<AdmittedRequest> {
  const late = new Set<AdmittedRequest>();
  const wholeMs = predictMs(shapeOf(run));
  if (wholeMs === undefined || run.parts.every(({ request }) => wholeMs <= remainingMs(request))) return late;
  const byUrgency = [...requestsOf(run)].sort((a, b) => remainingMs(a) - remainingMs(b));
  let kept = run;
  for (const request of byUrgency) {
    const runMs = predictMs(shapeOf(kept));
    if (runMs === undefined || runMs <= remainingMs(request)) return late;
    late.add(request);
    kept = keepRequests(kept, (other) => other !== request);
  }
  return late;
}
