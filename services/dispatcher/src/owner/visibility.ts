import type { OnDispatcherEvent } from "../event.ts";
import type { Credits } from "./credits.ts";
import { createInspection, type Inspection, type InspectionOptions } from "./inspection.ts";
import { createSamplingPace } from "./sampling-pace.ts";
import { viewQueue, type TenantSamples } from "./tenant-samples.ts";
import { byClass, byRecent, oldestMs, sumUp } from "./tenant-standing.ts";

/** What others can see of a pool: answers to questions, and samples. */
export interface Visibility extends Inspection {
  /** Takes a sample, called once a second; it is left out where samples would take too much of the owner's time. */
  sample(nowMs: number): void;
}

export interface VisibilityOptions extends InspectionOptions {
  readonly credits: Credits;
}

/** Tenants that are told one by one in a sample: as many as a person can tell apart, few enough for whoever stores them. */
const sampledTenants = 20;

export function createVisibility(options: VisibilityOptions): Visibility {
  const { roster, queue, backlog, batches, credits, samples, clock, onEvent, epoch } = options;
  const { pool } = roster;
  const pace = createSamplingPace();

  return {
    ...createInspection(options),
    sample: (nowMs) => {
      if (!pace.isDue(nowMs)) return;
      const view = viewQueue(queue, nowMs);
      const receivedSinceMs = samples.receivedSinceMs(view);
      const standings = samples.sample(view);
      onEvent({
        type: "poolSampled",
        pool,
        epoch: epoch(),
        queuedCount: backlog.size(),
        queuedBytes: backlog.bytes(),
        oldestMs: oldestMs(standings),
        batchCount: batches.size,
        creditCount: credits.size,
        classes: byClass(standings),
      });
      const top = standings.sort(byRecent).slice(0, sampledTenants);
      const rest = standings.slice(sampledTenants);
      const topMs = top.reduce((sum, standing) => sum + standing.receivedSinceMs, 0);
      onEvent({
        type: "tenantsSampled",
        pool,
        tenants: top.map((standing) => ({ ...standing.report, receivedMs: standing.receivedSinceMs })),
        others: {
          ...sumUp(rest),
          oldestMs: oldestMs(rest),
          receivedMs: Math.max(0, receivedSinceMs - topMs),
        },
      });
      pace.took({ startedMs: nowMs, endedMs: clock.monotonicMs() });
    },
  };
}

/** Has the samples told of every refusal. */
export function noteRefusals(samples: TenantSamples, onEvent: OnDispatcherEvent): OnDispatcherEvent {
  return (event) => {
    if (event.type === "requestsRefused") samples.noteRefusals(event.tenant, event.code, event.count);
    onEvent(event);
  };
}
