import type { BatchScheduler } from "@sluice/scheduling";
import type { RosterListener } from "../workers/pool-roster.ts";
import type { Announcer } from "./announcer.ts";
import type { Controls } from "./controls.ts";
import type { Dispatch } from "./dispatch.ts";
import type { Losses } from "./losses.ts";
import type { OpenRequest } from "./open-request.ts";
import type { Reports } from "./reports.ts";

export interface RosterListenerOptions {
  readonly reports: Pick<Reports, "soFar">;
  readonly losses: Pick<Losses, "unlisted" | "workerLost">;
  readonly controls: Pick<Controls, "heard">;
  readonly scheduler: Pick<BatchScheduler<OpenRequest>, "forget">;
  readonly announcer: Pick<Announcer, "soon">;
  readonly dispatch: Pick<Dispatch, "soon">;
  readonly openModels: () => void;
  readonly recordModels: () => void;
  /** Whether the pool is being handed over: nothing moves then, since what is here has been, or is being, told to the successor. */
  readonly isFrozen: () => boolean;
  /** Whether what workers report is only kept: what they list no more may be among that. */
  readonly keepsReports: () => boolean;
}

/** Creates what an owner does about news of its workers. */
export function createRosterListener(options: RosterListenerOptions): RosterListener {
  const {
    reports,
    losses,
    controls,
    scheduler,
    announcer,
    dispatch,
    openModels,
    recordModels,
    isFrozen,
    keepsReports,
  } = options;
  return {
    heartbeat: (heartbeat) => {
      if (isFrozen()) return;
      const { worker, batchIds, costsMs } = heartbeat;
      if (costsMs !== undefined) reports.soFar(worker, batchIds, costsMs);
      controls.heard(heartbeat);
      if (!keepsReports()) losses.unlisted(heartbeat);
    },
    workerLost: (worker) => {
      if (isFrozen()) return;
      scheduler.forget(worker);
      losses.workerLost(worker);
    },
    modelsChanged: () => {
      if (!isFrozen()) openModels();
      recordModels();
      announcer.soon();
      dispatch.soon();
    },
  };
}
