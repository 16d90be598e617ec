import type { BatchAsk } from "@sluice/scheduling";
import { emptyingMs } from "../settings.ts";
import type { PoolRoster } from "../workers/pool-roster.ts";
import { noBatch, type Backlog, type NextBatch } from "./backlog.ts";
import type { Batches } from "./batches.ts";
import type { Credits } from "./credits.ts";

/**
 * Keeps a request on its last attempt alone on its worker: the loss of that worker then condemns nobody else.
 *
 * Such a request goes to a worker without any batch, which gets no other until it has ended. While one waits, one worker at a
 * time is emptied for it: that one gets nothing more until its batches have ended. All other work goes on meanwhile, and a
 * worker that is empty anyway has it first right after a request that ran alone, so that these cannot take the pool for themselves.
 */
export interface LastAttempts {
  /** Takes from the backlog what the worker that asks may run now. */
  next(ask: BatchAsk, nowMs: number): NextBatch;
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

  const nextOfOthers = (ask: BatchAsk, nowMs: number): NextBatch => {
    const next = backlog.next(ask, nowMs);
    if (next.entries.length > 0) isTurnOfOthers = false;
    return next;
  };

  const nextAlone = (ask: BatchAsk, nowMs: number): NextBatch => {
    const next = backlog.next({ ...ask, limits: { ...ask.limits, alone: true } }, nowMs);
    if (next.entries.length > 0) {
      emptying = nobody;
      isTurnOfOthers = true;
    }
    return next;
  };

  const nextForEmpty = (ask: BatchAsk, nowMs: number): NextBatch => {
    const isAloneFirst = !isTurnOfOthers || emptying.worker === ask.worker;
    const [first, second] = isAloneFirst ? [nextAlone, nextOfOthers] : [nextOfOthers, nextAlone];
    const next = first(ask, nowMs);
    return next.entries.length > 0 ? next : second(ask, nowMs);
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
    next: (ask, nowMs) => {
      const { worker } = ask;
      // Nearly always nobody is on the last attempt.
      if (backlog.alone.size === 0 && batches.aloneCount === 0) return backlog.next(ask, nowMs);
      if (batches.hasAlone(worker)) return noBatch;
      if (backlog.alone.size === 0) return nextOfOthers(ask, nowMs);
      if (batches.of(worker).length === 0) return nextForEmpty(ask, nowMs);
      return isEmptied(worker, nowMs) ? noBatch : nextOfOthers(ask, nowMs);
    },
  };
}
