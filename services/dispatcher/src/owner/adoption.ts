import {
  formOf,
  requestBytes,
  type AdmittedRequest,
  type HandoverShares,
  type HandoverState,
} from "@sluice/protocol";
import type { Clock } from "@sluice/runtime";
import type { VirtualTime } from "@sluice/scheduling";
import type { TenantDirectory } from "../tenants/tenant-directory.ts";
import { limitedBy } from "../tenants/limited-by.ts";
import type { PoolRoster } from "../workers/pool-roster.ts";
import type { Backlog } from "./backlog.ts";
import type { Batches } from "./batches.ts";
import { isLastAttempt, openRequest, type OpenRequest } from "./open-request.ts";
import type { OpenRuns } from "./open-runs.ts";
import { priceOf, toPayment } from "./payment.ts";
import { requestLength } from "./request-length.ts";

/** Takes in what another owner hands over. */
export interface Adoption {
  adopt(part: HandoverShares | HandoverState): void;
  /** Everything is here: from now on the queue is this owner's. */
  finish(): void;
}

export interface AdoptionOptions {
  readonly roster: PoolRoster;
  readonly backlog: Backlog;
  readonly batches: Batches;
  readonly openRuns: OpenRuns;
  readonly policies: Pick<TenantDirectory, "tenant" | "admission" | "groupAdmission">;
  readonly clock: Clock;
  readonly maxAttempts: number;
}

/** Distance of two neighbours of a lane in the order of arrival, where nothing else tells them apart. */
const arrivalStep = 1e-6;

/**
 * Creates the desk for hand-over states. Their requests keep the order of their lane; between lanes who was called first comes
 * first; and all come before what this owner queued itself, whose arrivals count from 0 up.
 */
export function createAdoption(options: AdoptionOptions): Adoption {
  const { roster, backlog, batches, openRuns, policies, clock, maxAttempts } = options;
  const virtualTimes: VirtualTime[] = [];
  const lastArrivals = new Map<string, number>();

  const nextArrival = (model: string, request: AdmittedRequest): number => {
    const last = lastArrivals.get(model) ?? -Infinity;
    const arrival = Math.min(-arrivalStep, Math.max(last + arrivalStep, -1 - request.queuedMs));
    lastArrivals.set(model, arrival);
    return arrival;
  };

  /** 1 where no worker has told the signature yet. */
  const lengthOf = (model: string, request: AdmittedRequest): number => {
    const signature = roster.signature(model);
    const form = signature === undefined ? undefined : formOf(signature, request.inputs);
    if (signature === undefined || form === undefined) return 1;
    const { hasBatchAxis } = signature;
    return requestLength(request, { form, hasBatchAxis, texts: roster.textLengths(model) });
  };

  const open = (model: string, request: AdmittedRequest): OpenRequest => {
    const { id, tenant, reply, timeoutMs, attempt, items } = request;
    const signature = roster.signature(model);
    const maxBatchItems = signature?.maxBatchSize ?? 1;
    const keepsOrder = signature?.batching?.preserveOrdering ?? false;
    const runsAlone = isLastAttempt(attempt, maxAttempts);
    const length = lengthOf(model, request);
    const bytes = requestBytes(request);
    const arrival = nextArrival(model, request);
    const price = priceOf(backlog, { limitedBy: limitedBy(policies, tenant), tenant, model });
    const payment = toPayment(price, items);
    return openRequest(
      request,
      { model, tenant, reply, maxBatchItems, keepsOrder, nowMs: clock.monotonicMs() },
      { id, timeoutMs, attempt, runsAlone, items, length, bytes, arrival, payment },
    );
  };

  const adoptBatch = ({ model, batchId, worker, requests }: HandoverState): void => {
    const known = batches.get(batchId);
    let items = 0;
    for (const request of requests) items += request.items;
    const sentAtMs = clock.monotonicMs();
    const sent = { sentAtMs, listedAtMs: sentAtMs, plan: undefined };
    const place = { batchId, creditId: "", worker, model, items, ...sent };
    const batch = known ?? { ...place, runs: [], answers: undefined };
    for (const request of requests) {
      const queued = openRuns.find(request.reply, request.id);
      // Its caller sent it again meanwhile: it runs already.
      if (queued?.kind === "request") backlog.remove(queued);
      batches.addRun(batch, open(model, request));
    }
    if (known === undefined) batches.add(batch);
  };

  return {
    adopt: (state) => {
      if (state.kind === "shares") {
        virtualTimes.push(...state.virtualTimes);
        return;
      }
      if (state.batchId !== "") {
        adoptBatch(state);
        return;
      }
      for (const request of state.requests) {
        if (openRuns.find(request.reply, request.id) === undefined) backlog.add(open(state.model, request));
      }
    },
    finish: () => {
      if (virtualTimes.length > 0) backlog.restore(virtualTimes.splice(0));
    },
  };
}
