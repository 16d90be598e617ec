import type { BatchingRules, ExceededLimit } from "@sluice/protocol";
import type { Clock } from "@sluice/runtime";
import {
  createTurnForecast,
  type BatchAsk,
  type BatchScheduler,
  type FairQueue,
  type Lateness,
  type PlannedBatch,
  type QueueLoad,
  type VirtualTime,
} from "@sluice/scheduling";
import type { Wallets } from "../quotas/wallets.ts";
import type { DropCause } from "../event.ts";
import type { BatchForming } from "./batch-forming.ts";
import type { Drops } from "./drops.ts";
import { openAgain, type OpenRequest } from "./open-request.ts";
import type { OpenRuns } from "./open-runs.ts";
import { pay, raisePayment, settlePayment } from "./payment.ts";
import { createQueueTimeouts, delayedOrderOf } from "./queue-timeouts.ts";

/**
 * The requests of a pool that wait, bounded in number and bytes. A request is paid for while it waits or runs: what is let in or
 * comes back pays its estimate, what ends pays what it cost, what is removed or expires is paid back.
 */
export interface Backlog {
  size(): number;
  bytes(): number;
  /** Those that run alone. */
  readonly alone: ReadonlySet<OpenRequest>;
  /** The bound that one more request of `bytes` for the model would exceed; `undefined` where it may wait. */
  exceeded(model: string, bytes: number): ExceededLimit | undefined;
  /** What a tenant has waiting and is due, for its next request for a model. */
  load(tenant: string, model: string): QueueLoad;
  /** The same for the group that the tenant is in. */
  groupLoad(tenant: string, model: string): QueueLoad;
  /** Why a request would end too late, were it let in now; `undefined` where it may end in time. */
  lateness(request: OpenRequest, nowMs: number): Lateness | undefined;
  /** Takes a request in at its place. Requests that come back are taken whatever the bound: they were counted before. */
  add(request: OpenRequest): void;
  /** Takes the next batch for a worker out; its requests stay open. What can be in no batch in time any more is answered. */
  next(ask: BatchAsk, nowMs: number): NextBatch;
  /** Whether a tenant of requests that were taken can have little more in flight before some have ended. */
  nearsLimit(requests: readonly OpenRequest[]): boolean;
  /** Says what a request that was taken, or adopted, has cost so far; what is more than its estimate counts now. */
  accrue(request: OpenRequest, costMs: number): void;
  /** Says what a request that was taken, or adopted, cost: worker-milliseconds, 0 if it comes back. Once for each. */
  settle(request: OpenRequest, costMs: number): void;
  /** The same for requests of one batch. */
  settleBatch(requests: readonly OpenRequest[], costMs: (request: OpenRequest) => number): void;
  /** Charges a request that a worker has already, given to it by an earlier owner. */
  adopt(request: OpenRequest): void;
  /** Who received more than others that wait, for the next owner. */
  virtualTimes(): Iterable<VirtualTime>;
  /** Goes on from the virtual times of an earlier owner, once everything it handed over is here. */
  restore(virtualTimes: Iterable<VirtualTime>): void;
  /** Takes a request out, which is not open any more. Tells whether it waited. */
  remove(request: OpenRequest): boolean;
  depth(model: string): number;
  requests(): Iterable<OpenRequest>;
  /** Stops the timer and pays back what waits; it stays. */
  stop(): void;
}

/** What a worker is given. */
export type NextBatch = Pick<PlannedBatch<OpenRequest>, "entries" | "reason" | "predictedMs" | "late">;

export const noBatch: NextBatch = { entries: [], reason: "noMore", predictedMs: 0, late: [] };

export interface BacklogOptions {
  readonly queue: FairQueue<OpenRequest>;
  readonly scheduler: BatchScheduler<OpenRequest>;
  readonly openRuns: OpenRuns;
  readonly wallets: Pick<Wallets, "spend">;
  readonly clock: Clock;
  readonly maxRequests: number;
  readonly maxBytes: number;
  /** The rules of waiting that a model sets; `undefined` for most. */
  readonly rulesOf: (model: string) => BatchingRules | undefined;
  readonly forming: Pick<BatchForming, "enter" | "leave" | "nextDueMs">;
  /** Answers requests that are not open any more. */
  readonly drop: Drops;
  /** Called after a time that requests waited for: some may be gone, or a batch may be formed now. */
  readonly onDue: () => void;
}

/** Creates a backlog with one timer, set to the earliest deadline, or to whatever the rules of a model have earlier. */
export function createBacklog(options: BacklogOptions): Backlog {
  const { queue, scheduler, openRuns, wallets, clock, maxRequests, maxBytes, rulesOf, forming, drop, onDue } =
    options;
  const alone = new Set<OpenRequest>();
  const forecast = createTurnForecast({ queue });
  const timeouts = createQueueTimeouts();
  let bytes = 0;
  let timer: Disposable | undefined;
  let timerDueMs = Infinity;

  /** Notes that a request waits no more. */
  const leave = (request: OpenRequest): void => {
    bytes -= request.bytes;
    if (request.runsAlone) alone.delete(request);
    forming.leave(request);
    timeouts.sweep(queue.size);
  };

  const close = (request: OpenRequest): void => {
    leave(request);
    openRuns.remove(request);
    settlePayment(wallets, request.payment, 0);
  };

  /** Ends requests that the queue has let go of. */
  const remove = (requests: readonly OpenRequest[], cause: DropCause): void => {
    for (const request of requests) close(request);
    drop(requests, cause);
  };

  const armBy = (dueMs: number): void => {
    // A timer that fires too early only looks again: most requests are gone long before their deadline.
    if (dueMs >= timerDueMs) return;
    timer?.[Symbol.dispose]();
    timerDueMs = dueMs;
    timer = clock.schedule(Math.max(0, dueMs - clock.monotonicMs()), expire);
  };

  const expire = (): void => {
    timer = undefined;
    timerDueMs = Infinity;
    const nowMs = clock.monotonicMs();
    remove(queue.expire(nowMs), "expired");
    drop(timeouts.takeDue(nowMs).filter(rejectOrDelay), "queueTimeout");
    onDue();
    armBy(Math.min(queue.nextDeadlineMs(), timeouts.nextMs(), forming.nextDueMs(nowMs)));
  };

  /** Takes out a request whose queue timeout has ended. Tells whether it is refused; else it waits on, behind the others. */
  const rejectOrDelay = (request: OpenRequest): boolean => {
    queue.remove(request);
    close(request);
    if (rulesOf(request.model)?.timeoutAction !== "delay") return true;
    add({ ...openAgain(request, request), order: delayedOrderOf(request) });
    return false;
  };

  /** Notes what the rules of its model mean for a request that waits from now on; returns when to look at it. */
  const watch = (request: OpenRequest): number => {
    const rules = rulesOf(request.model);
    if (rules === undefined) return Infinity;
    const nowMs = clock.monotonicMs();
    return Math.min(forming.enter(request, rules, nowMs), timeouts.enter(request, rules, nowMs));
  };

  const add = (request: OpenRequest): void => {
    queue.add(request);
    openRuns.add(request);
    pay(wallets, request.payment);
    bytes += request.bytes;
    if (request.runsAlone) alone.add(request);
    const dueMs = Math.min(request.deadlineMs, watch(request));
    if (dueMs < timerDueMs) armBy(dueMs);
  };

  return {
    // Functions instead of getters, for the reason given in the fair queue.
    size: () => queue.size,
    bytes: () => bytes,
    alone,
    exceeded: (model, more) => {
      const mostOfModel = rulesOf(model)?.maxQueueSize ?? 0;
      if (mostOfModel > 0 && queue.depth(model) >= mostOfModel) {
        return { limit: "maxQueueSize", value: mostOfModel, actual: queue.depth(model) + 1 };
      }
      if (queue.size >= maxRequests) {
        return { limit: "maxQueueRequests", value: maxRequests, actual: queue.size + 1 };
      }
      if (bytes + more > maxBytes) return { limit: "maxQueueBytes", value: maxBytes, actual: bytes + more };
      return undefined;
    },
    load: (tenant, model) => queue.load(tenant, model),
    groupLoad: (tenant, model) => queue.groupLoad(tenant, model),
    lateness: (request, nowMs) => {
      // What waits may all run with the next batch.
      if (queue.size < request.maxBatchItems) return undefined;
      return forecast.lateness(request, nowMs);
    },
    add,
    next: (ask, nowMs) => {
      const next = scheduler.next(ask, nowMs);
      for (const request of next.entries) leave(request);
      remove(next.late, "late");
      remove(next.givenUp, "givenUp");
      return next;
    },
    nearsLimit: (requests) => queue.nearsLimit(requests),
    accrue: (request, costMs) => {
      queue.accrue(request, costMs);
      raisePayment(wallets, request.payment, costMs);
    },
    settle: (request, costMs) => {
      queue.settle(request, costMs);
      settlePayment(wallets, request.payment, costMs);
    },
    settleBatch: (requests, costMs) => {
      queue.settleBatch(requests, costMs);
      for (const request of requests) {
        if (request.payment !== undefined) settlePayment(wallets, request.payment, costMs(request));
      }
    },
    adopt: (request) => {
      queue.adopt(request);
      pay(wallets, request.payment);
    },
    virtualTimes: () => queue.virtualTimes(),
    restore: (virtualTimes) => queue.restore(virtualTimes),
    remove: (request) => {
      const waited = queue.remove(request);
      if (waited) close(request);
      return waited;
    },
    depth: (model) => queue.depth(model),
    requests: () => queue.entries(),
    stop: () => {
      timer?.[Symbol.dispose]();
      timer = undefined;
      timerDueMs = Infinity;
      for (const { payment } of queue.entries()) settlePayment(wallets, payment, 0);
    },
  };
}
