import type { tenantClasses } from "@sluice/protocol";
import { anEntry, someLimits, type NamedEntry } from "../contract/entries.ts";
import type { BatchLimits } from "../request-queue.ts";
import { createFairQueue, type FairQueue } from "./fair-queue.ts";
import type { Slot } from "./outlook.ts";
import { createTestPolicies } from "./pool.fixture.ts";

/** All that a {@link Backlog} may call. */
export const models = ["a", "b", "c"];

/** What waits of one tenant. */
export interface Backlog {
  readonly tenant: string;
  readonly weight: number;
  readonly group: string;
  readonly class: (typeof tenantClasses)[number];
  readonly minShare: number;
  readonly maxInFlight: number;
  readonly models: readonly string[];
  readonly depth: number;
}

/** What an item of each model costs. */
const costPerItemMs: Readonly<Record<string, number>> = { a: 1, b: 4, c: 9 };

/** A queue with these backlogs, which came in turns, that knows what its models cost. */
export function aQueue(backlogs: readonly Backlog[]): FairQueue<NamedEntry> {
  const policies = createTestPolicies({}, { lab: { weight: 2, minShare: 0.1 }, crowd: { maxInFlight: 7 } });
  for (const { tenant, ...policy } of backlogs) policies.setTenant(tenant, policy);
  const queue = createFairQueue<NamedEntry>({ policies });
  let arrival = 0;
  const add = (tenant: string, model: string): void => {
    arrival += 1;
    queue.add(anEntry({ arrival, tenant, model, items: 1 + (arrival % 3) }));
  };
  for (const model of models) {
    add("teacher", model);
    for (const entry of queue.take(someLimits({ models }), 0)) {
      queue.settle(entry, entry.items * (costPerItemMs[model] ?? 0));
    }
  }
  const mostDepth = Math.max(...backlogs.map(({ depth }) => depth));
  for (let turn = 0; turn < mostDepth; turn++) {
    for (const { tenant, models: called, depth } of backlogs) {
      if (turn < depth) add(tenant, called[turn % called.length] ?? "a");
    }
  }
  return queue;
}

/** A worker that runs one batch at a time, for as long as it is estimated to cost. */
interface Worker {
  readonly limits: BatchLimits;
  running: NamedEntry[];
  endMs: number;
}

/** Serves a queue in virtual time, as workers do that ask as soon as they are free. */
export interface Service {
  readonly queue: FairQueue<NamedEntry>;
  nowMs(): number;
  slots(): Slot<NamedEntry>[];
  /** Runs batches, telling of each, until `isEnough` says so. */
  run(isEnough: (batch: readonly NamedEntry[]) => boolean): void;
}

export function serve(queue: FairQueue<NamedEntry>, limits: readonly BatchLimits[]): Service {
  const workers = limits.map((each): Worker => ({ limits: each, running: [], endMs: 0 }));
  let nowMs = 0;
  const endNext = (): void => {
    const busy = workers.filter(({ running }) => running.length > 0);
    if (busy.length === 0) throw new Error("nobody runs what waits");
    nowMs = Math.min(...busy.map(({ endMs }) => endMs));
    for (const worker of busy) {
      if (worker.endMs > nowMs) continue;
      for (const entry of worker.running) queue.settle(entry, entry.chargedMs);
      worker.running = [];
    }
  };
  return {
    queue,
    nowMs: () => nowMs,
    slots: () =>
      workers.map(({ limits: each, running, endMs }) => ({
        limits: each,
        running,
        freeInMs: running.length > 0 ? endMs - nowMs : 0,
      })),
    run: (isEnough) => {
      for (;;) {
        for (const worker of workers) {
          if (worker.running.length > 0) continue;
          worker.running = queue.take(worker.limits, 0);
          if (worker.running.length === 0) continue;
          worker.endMs = worker.running.reduce((endMs, { chargedMs }) => endMs + chargedMs, nowMs);
          if (isEnough(worker.running)) return;
        }
        endNext();
      }
    },
  };
}
