import { workerAbsenceMs } from "../settings.ts";
import type { PoolRoster } from "../workers/pool-roster.ts";
import type { Backlog } from "./backlog.ts";
import type { Batches } from "./batches.ts";
import { noWorker } from "./no-worker.ts";
import type { Replies } from "./replies.ts";

/**
 * Refuses what waits for a model whose workers are all gone and did not come back in time, and forgets models that are known from records
 * only. A model that has moved to another pool is left to that pool at once.
 */
export interface Absence {
  tick(nowMs: number): void;
}

export interface AbsenceOptions {
  readonly roster: PoolRoster;
  readonly backlog: Backlog;
  readonly batches: Pick<Batches, "hasModel">;
  readonly replies: Replies;
  /** Whether workers of another pool have the model. */
  readonly isServedElsewhere: (model: string) => boolean;
}

export function createAbsence(options: AbsenceOptions): Absence {
  const { roster, backlog, batches, replies, isServedElsewhere } = options;
  /** Model -> since when requests wait for it without any worker. */
  const since = new Map<string, number>();
  let firstMs: number | undefined;

  const refuseAll = (model: string): void => {
    const refusal = noWorker(model);
    for (const request of backlog.requests()) {
      if (request.model === model && backlog.remove(request)) replies.refuseRequest(request, refusal);
    }
  };

  return {
    tick: (nowMs) => {
      for (const { name, workerCount } of roster.models) {
        if (workerCount > 0 || backlog.depth(name) === 0) since.delete(name);
        else if (isServedElsewhere(name)) refuseAll(name);
        else if (!since.has(name)) since.set(name, nowMs);
        else if (nowMs - (since.get(name) ?? nowMs) >= workerAbsenceMs) refuseAll(name);
      }
      firstMs ??= nowMs;
      const isRecallOver = nowMs - firstMs >= workerAbsenceMs;
      roster.forgetUnserved((model) => {
        if (backlog.depth(model) > 0 || batches.hasModel(model)) return false;
        return (isRecallOver && roster.isRecalled(model)) || isServedElsewhere(model);
      });
    },
  };
}
