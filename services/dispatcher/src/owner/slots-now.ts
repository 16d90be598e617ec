import type { Slot } from "@sluice/scheduling";
import type { PoolRoster } from "../workers/pool-roster.ts";
import type { Batches } from "./batches.ts";
import type { Batch, OpenRequest } from "./open-request.ts";

export interface SlotsNowOptions {
  readonly roster: PoolRoster;
  readonly batches: Batches;
  /** Most bytes of the requests in one batch. */
  readonly maxBatchBytes: number;
}

/**
 * Where batches run, as far as an owner knows: of a worker that has batches, a slot for each; of any other one. What runs is
 * expected to end when what it was estimated to cost has passed.
 */
export function slotsNow(
  { roster, batches, maxBatchBytes }: SlotsNowOptions,
  nowMs: number,
): readonly Slot<OpenRequest>[] {
  const names = roster.models.map(({ name }) => name);
  const slots: Slot<OpenRequest>[] = [];
  for (const worker of roster.running()) {
    const limits = {
      models: names.filter((model) => roster.serves(worker, model)),
      maxItems: (model: string) => roster.signature(model)?.maxBatchSize ?? 0,
      maxBytes: maxBatchBytes,
      alone: false,
    };
    const held = batches.of(worker);
    if (held.length === 0) slots.push({ limits, running: [], freeInMs: 0 });
    for (const batch of held) {
      const running = requestsOf(batch);
      const costMs = running.reduce((sum, { chargedMs }) => sum + chargedMs, 0);
      slots.push({ limits, running, freeInMs: Math.max(0, batch.sentAtMs + costMs - nowMs) });
    }
  }
  return slots;
}

/** Without the runs that a worker listed and nobody sent again yet: nothing is known of what they cost. */
function requestsOf({ runs }: Batch): OpenRequest[] {
  return runs.filter((run) => run.kind === "request");
}
