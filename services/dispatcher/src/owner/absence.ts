import { workerAbsenceMs } from "../settings.ts";
import type { PoolRoster } from "../workers/pool-roster.ts";
import type { Backlog } from "./backlog.ts";
import { noWorker } from "./no-worker.ts";
import type { Replies } from "./replies.ts";

/** Refuses what waits for a model whose workers are all gone and did not come back in time, and forgets models that are known from records only. */
export interface Absence {
  tick(nowMs: number): void;
}

export interface AbsenceOptions {
  readonly roster: PoolRoster;
  readonly backlog: Backlog;
  readonly replies: Replies;
}

export function createAbsence({ roster, backlog, replies }: AbsenceOptions): Absence {
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
        else if (!since.has(name)) since.set(name, nowMs);
        else if (nowMs - (since.get(name) ?? nowMs) >= workerAbsenceMs) refuseAll(name);
      }
      firstMs ??= nowMs;
      if (nowMs - firstMs >= workerAbsenceMs) roster.forgetRecalled((model) => backlog.depth(model) === 0);
    },
  };
}
