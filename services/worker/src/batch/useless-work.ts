import type { AdmittedRequest } from "@sluice/protocol";
import { attributeCost } from "@sluice/scheduling";
import type { EngineRunPlan, RunPart } from "./engine-run-plan.ts";
import type { OpenBatch } from "./open-batch.ts";

/** Why nobody waits any more for what was run. */
export type UselessReason = "late" | "canceled";

/** What was run in vain, of one run. */
export interface UselessWork {
  readonly reason: UselessReason;
  readonly requestCount: number;
  /** Its part of the run's time, in worker-milliseconds. */
  readonly costMs: number;
}

export interface EndedRun {
  readonly batch: OpenBatch;
  readonly costMs: number;
  /** When it ended. */
  readonly nowMs: number;
}

/** Tells how much of a run that has just ended was for requests that were cancelled or expired meanwhile. */
export function uselessWork(run: EngineRunPlan, { batch, costMs, nowMs }: EndedRun): UselessWork[] {
  const reasonOf = (request: AdmittedRequest): UselessReason | undefined => {
    if (batch.isCancelled(request)) return "canceled";
    // The deadline of a stream is for its start.
    return !request.stream && batch.remainingMs(request, nowMs) <= 0 ? "late" : undefined;
  };
  const parts: readonly RunPart[] = run.parts;
  let allElements = 0;
  for (const part of parts) allElements += elementsOf(part);
  const found = new Map<UselessReason, { requestCount: number; costMs: number }>();
  for (const part of parts) {
    const reason = reasonOf(part.request);
    if (reason === undefined) continue;
    const sum = found.get(reason) ?? { requestCount: 0, costMs: 0 };
    sum.requestCount += 1;
    sum.costMs += attributeCost(costMs, elementsOf(part), allElements);
    found.set(reason, sum);
  }
  return Array.from(found, ([reason, sum]) => ({ reason, ...sum }));
}

function elementsOf({ items, length }: RunPart): number {
  return items * length;
}
