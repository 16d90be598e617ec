import { requestBytes, type AdmittedRequest, type HandoverState } from "@sluice/protocol";
import type { Clock } from "@sluice/runtime";
import type { PoolRoster } from "../workers/pool-roster.ts";
import type { Backlog } from "./backlog.ts";
import type { Batches, Run } from "./batches.ts";
import type { Reports } from "./reports.ts";
import { fromAdmittedRequest, type WaitingEntry } from "./waiting.ts";

/** Takes in what another owner hands over. */
export interface Adoption {
  adopt(state: HandoverState): void;
}

export interface AdoptionOptions {
  readonly roster: PoolRoster;
  readonly backlog: Backlog;
  readonly batches: Batches;
  readonly reports: Reports;
  readonly clock: Clock;
}

/** Distance of two neighbours of a lane in the order of arrival, where nothing else tells them apart. */
const arrivalStep = 1e-6;

/**
 * Creates the desk for hand-over states. Their requests keep the order of their lane; between lanes who was called first comes
 * first; and all come before what this owner queued itself, whose arrivals count from 0 up.
 */
export function createAdoption(options: AdoptionOptions): Adoption {
  const { roster, backlog, batches, reports, clock } = options;
  const lastArrivals = new Map<string, number>();

  const nextArrival = (model: string, request: AdmittedRequest): number => {
    const last = lastArrivals.get(model) ?? -Infinity;
    const arrival = Math.min(-arrivalStep, Math.max(last + arrivalStep, -1 - request.queuedMs));
    lastArrivals.set(model, arrival);
    return arrival;
  };

  const toEntry = (model: string, request: AdmittedRequest): WaitingEntry =>
    fromAdmittedRequest(request, {
      model,
      arrival: nextArrival(model, request),
      bytes: requestBytes(request),
      maxBatchItems: roster.signature(model)?.maxBatchSize ?? 1,
      nowMs: clock.monotonicMs(),
    });

  const adoptBatch = ({ model, batchId, worker, requests }: HandoverState): void => {
    const runs = new Map<string, Run>();
    let items = 0;
    for (const request of requests) {
      const entry = toEntry(model, request);
      items += request.items;
      const { id, tenant, attempt } = request;
      runs.set(entry.key, { id, tenant, attempt, entry, isCanceled: false });
    }
    const known = batches.get(batchId);
    if (known !== undefined) {
      for (const [key, run] of runs) batches.addRun(known, key, run);
      return;
    }
    const sentAtMs = clock.monotonicMs();
    const place = { batchId, creditId: "", worker, model, items, sentAtMs, listedAtMs: sentAtMs };
    reports.adopt({ ...place, runs, answers: undefined });
  };

  return {
    adopt: (state) => {
      if (state.batchId !== "") {
        adoptBatch(state);
        return;
      }
      for (const request of state.requests) {
        const entry = toEntry(state.model, request);
        if (!backlog.has(entry.key) && batches.find(entry.key) === undefined) backlog.add(entry);
      }
    },
  };
}
