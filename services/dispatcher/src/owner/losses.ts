import { silenceMs, type Heartbeat } from "@sluice/protocol";
import type { PoolRoster } from "../workers/pool-roster.ts";
import type { Batches } from "./batches.ts";
import type { Credits } from "./credits.ts";
import type { Dispatch } from "./dispatch.ts";
import type { Batch } from "./open-request.ts";
import type { Retry } from "./retry.ts";

/** Gives back what workers have lost. */
export interface Losses {
  /** Gives back what a worker should have and did not list. */
  unlisted(heartbeat: Pick<Heartbeat, "worker" | "batchIds">): void;
  workerLost(worker: string): void;
  /** Gives back what is with workers that are gone: lost just now, or before this dispatcher owned the pool. */
  orphans(nowMs: number): void;
}

export interface LossesOptions {
  readonly roster: Pick<PoolRoster, "has">;
  readonly batches: Batches;
  readonly credits: Credits;
  readonly retry: Retry;
  readonly dispatch: Dispatch;
  /** Until when everything was heard that was said: a batch may be on its way where nothing is heard. */
  readonly heardUntilMs: () => number;
}

export function createLosses({
  roster,
  batches,
  credits,
  retry,
  dispatch,
  heardUntilMs,
}: LossesOptions): Losses {
  const lose = (batch: Batch, reason: "batchLost" | "workerLost"): void => {
    batches.end(batch.batchId);
    retry.giveBack(batch, reason);
    dispatch.soon();
  };

  return {
    unlisted: ({ worker, batchIds }) => {
      for (const batch of batches.listed(worker, batchIds, heardUntilMs())) lose(batch, "batchLost");
    },
    workerLost: (worker) => {
      credits.removeWorker(worker);
      for (const batch of batches.of(worker)) lose(batch, "workerLost");
    },
    orphans: (nowMs) => {
      for (const batch of batches.all()) {
        if (!roster.has(batch.worker) && nowMs - batch.sentAtMs >= silenceMs) lose(batch, "workerLost");
      }
    },
  };
}
