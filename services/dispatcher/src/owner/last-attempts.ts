import type { BatchLimits } from "@sluice/scheduling";
import { emptyingMs } from "../settings.ts";
import type { PoolRoster } from "../workers/pool-roster.ts";
import type { Backlog } from "./backlog.ts";
import type { Batches } from "./batches.ts";
import type { Credits } from "./credits.ts";
import type { OpenRequest } from "./open-request.ts";

/**
 * Keeps a request on its last attempt alone on its worker: the loss of that worker then condemns nobody else.
 *
 * Such a request goes to a worker without any batch, which gets no other until it has ended. While one waits, one worker at a
 * time is emptied for it: that one gets nothing more until its batches have ended. All other work goes on meanwhile, and a
 * worker that is empty anyway has it first right after a request that ran alone, so that these cannot take the pool for themselves.
 */
export interface LastAttempts {
  /** Takes from the backlog what a worker that offers `limits` may run now. */
  take(worker: string, limits: BatchLimits, nowMs: number): OpenRequest[];
}

export interface LastAttemptsOptions {
  readonly roster: PoolRoster;
  readonly backlog: Backlog;
  readonly batches: Batches;
  readonly credits: Credits;
}

/** A worker that gets no batch until it is empty, or until then; nobody is emptied for as long again if it was in vain. */
interface Emptying {
  readonly worker: string;
  /** On the owner's monotonic clock. */
  readonly untilMs: number;
}

const nobody: Emptying = { worker: "", untilMs: -Infinity };

export function createLastAttempts({ roster, backlog, batches, credits }: LastAttemptsOptions): LastAttempts {
  let emptying = nobody;
  let isTurnOfOthers = false;

  const takeOthers = (limits: BatchLimits, nowMs: number): OpenRequest[] => {
    const taken = backlog.take(limits, nowMs);
    if (taken.length > 0) isTurnOfOthers = false;
    return taken;
  };

  const takeAlone = (limits: BatchLimits, nowMs: number): OpenRequest[] => {
    const taken = backlog.take({ ...limits, alone: true }, nowMs);
    if (taken.length > 0) {
      emptying = nobody;
      isTurnOfOthers = true;
    }
    return taken;
  };

  const takeForEmpty = (worker: string, limits: BatchLimits, nowMs: number): OpenRequest[] => {
    const isAloneFirst = !isTurnOfOthers || emptying.worker === worker;
    const [first, second] = isAloneFirst ? [takeAlone, takeOthers] : [takeOthers, takeAlone];
    const taken = first(limits, nowMs);
    return taken.length > 0 ? taken : second(limits, nowMs);
  };

  /** Whether emptying the worker would help: it still asks for work, and can run one of those that wait. */
  const isOfUse = (worker: string): boolean => {
    if (!credits.hasWorker(worker)) return false;
    for (const { model } of backlog.alone) if (roster.serves(worker, model)) return true;
    return false;
  };

  /** Whether the worker, which has batches, gets no other for now. */
  const isEmptied = (worker: string, nowMs: number): boolean => {
    const isOver = nowMs >= emptying.untilMs + emptyingMs;
    const isUseless = nowMs < emptying.untilMs && !isOfUse(emptying.worker);
    if ((isOver || isUseless) && isOfUse(worker)) emptying = { worker, untilMs: nowMs + emptyingMs };
    return emptying.worker === worker && nowMs < emptying.untilMs;
  };

  return {
    take: (worker, limits, nowMs) => {
      // Nearly always nobody is on the last attempt.
      if (backlog.alone.size === 0 && batches.aloneCount === 0) return backlog.take(limits, nowMs);
      if (batches.hasAlone(worker)) return [];
      if (backlog.alone.size === 0) return takeOthers(limits, nowMs);
      if (batches.of(worker).length === 0) return takeForEmpty(worker, limits, nowMs);
      return isEmptied(worker, nowMs) ? [] : takeOthers(limits, nowMs);
    },
  };
}
