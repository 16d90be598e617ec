import { anEntry, type NamedEntry } from "../contract/entries.ts";
import type { GroupPolicy, SharePolicies, TenantPolicy } from "../share-policy.ts";
import { createClasses } from "./classes.ts";
import { createContest } from "./contest.ts";
import { createFairQueue, type FairQueue } from "./fair-queue.ts";
import { createGuarantees } from "./guarantees.ts";
import { createTenants, type Tenants } from "./tenants.ts";

/** Policies that a test changes as it goes. */
export interface TestPolicies extends SharePolicies {
  setTenant(name: string, policy: Partial<TenantPolicy>): void;
  setGroup(name: string, policy: Partial<GroupPolicy>): void;
}

export function createTestPolicies(
  tenants: Readonly<Record<string, Partial<TenantPolicy>>> = {},
  groups: Readonly<Record<string, Partial<GroupPolicy>>> = {},
): TestPolicies {
  const defaultTenant: TenantPolicy = {
    class: "normal",
    group: "",
    weight: 1,
    minShare: 0,
    maxInFlight: Infinity,
  };
  const defaultGroup = { weight: 1, minShare: 0, maxInFlight: Infinity };
  const tenantPolicies = new Map<string, TenantPolicy>();
  const groupPolicies = new Map<string, GroupPolicy>();
  let revision = 0;
  const policies: TestPolicies = {
    revision: () => revision,
    tenant: (name) => tenantPolicies.get(name) ?? defaultTenant,
    group: (name) => groupPolicies.get(name) ?? defaultGroup,
    setTenant: (name, policy) => {
      tenantPolicies.set(name, { ...policies.tenant(name), ...policy });
      revision += 1;
    },
    setGroup: (name, policy) => {
      groupPolicies.set(name, { ...policies.group(name), ...policy });
      revision += 1;
    },
  };
  for (const [name, policy] of Object.entries(tenants)) policies.setTenant(name, policy);
  for (const [name, policy] of Object.entries(groups)) policies.setGroup(name, policy);
  return policies;
}

/** The tenants of a queue, without the queue. */
export function createTestTenants(policies: SharePolicies): Tenants<NamedEntry> {
  const classes = createClasses<NamedEntry>();
  const guarantees = createGuarantees<NamedEntry>();
  return createTenants({ policies, classes, guarantees, contest: createContest(guarantees) });
}

/** A worker of a {@link TestPool}: it runs one batch at a time, one request after the other. */
interface TestWorker {
  readonly models: readonly string[];
  readonly most: number;
}

interface Load {
  readonly tenant: string;
  readonly model: string;
  /** Number of requests that it keeps waiting. */
  readonly depth: number;
  costMs(): number;
}

export interface TestPoolOptions {
  readonly policies: SharePolicies;
  readonly workers: readonly TestWorker[];
}

/** A pool in virtual time whose tenants always have requests waiting. */
export interface TestPool {
  readonly queue: FairQueue<NamedEntry>;
  /** Worker-milliseconds each tenant received, as the workers count them. */
  readonly receivedMs: Map<string, number>;
  /** Largest difference between what a request cost and what it was charged. */
  readonly worstErrorMs: number;
  setLoad(load: Load): void;
  /** Ends a load; what waits of it is removed. */
  endLoad(tenant: string, model: string): void;
  /** Runs until `count` more requests have ended. `onEnd` is told of each. */
  run(count: number, onEnd?: (entry: NamedEntry) => void): void;
  /**
   * Has the queue forgotten, as when its owner dies, and a new one made from what comes back: what workers run is adopted, what
   * waits is sent again, the last first.
   */
  takeOver(): void;
  /** Part of what all received since the last call, or the start. */
  takeShares(): Record<string, number>;
}

interface RunningBatch {
  readonly entries: NamedEntry[];
  readonly worker: TestWorker;
  readonly endMs: number;
}

export function createTestPool({ policies, workers }: TestPoolOptions): TestPool {
  let queue = createFairQueue<NamedEntry>({ policies });
  const loads = new Map<string, Load>();
  const costs = new Map<NamedEntry, number>();
  const receivedMs = new Map<string, number>();
  let sharesFrom = new Map<string, number>();
  let running: RunningBatch[] = [];
  let idle = [...workers];
  let arrival = 0;
  let nowMs = 0;
  let worstErrorMs = 0;

  const addOne = (load: Load): void => {
    arrival += 1;
    const entry = anEntry({ arrival, tenant: load.tenant, model: load.model });
    costs.set(entry, load.costMs());
    queue.add(entry);
  };

  /** The same request, as a new owner gets to know it. */
  const again = (entry: NamedEntry): NamedEntry => {
    const next: NamedEntry = { ...entry, chargedMs: 0, stay: "new" };
    costs.set(next, costs.get(entry) ?? 0);
    costs.delete(entry);
    return next;
  };

  const dispatch = (): void => {
    idle = idle.filter((worker) => {
      const { models, most } = worker;
      const entries = queue.take({ models, maxItems: () => most, maxBytes: Infinity, alone: false }, nowMs);
      if (entries.length === 0) return true;
      const costMs = entries.reduce((sum, entry) => sum + (costs.get(entry) ?? 0), 0);
      running.push({ entries, worker, endMs: nowMs + costMs });
      return false;
    });
  };

  const end = (entry: NamedEntry): void => {
    const costMs = costs.get(entry) ?? 0;
    costs.delete(entry);
    worstErrorMs = Math.max(worstErrorMs, Math.abs(costMs - entry.chargedMs));
    queue.settle(entry, costMs);
    receivedMs.set(entry.tenant, (receivedMs.get(entry.tenant) ?? 0) + costMs);
    const load = loads.get(`${entry.tenant} ${entry.model}`);
    if (load !== undefined) addOne(load);
  };

  return {
    get queue() {
      return queue;
    },
    receivedMs,
    get worstErrorMs() {
      return worstErrorMs;
    },
    setLoad: (load) => {
      loads.set(`${load.tenant} ${load.model}`, load);
      for (let count = 0; count < load.depth; count++) addOne(load);
    },
    endLoad: (tenant, model) => {
      loads.delete(`${tenant} ${model}`);
      for (const entry of queue.entries()) {
        if (entry.tenant === tenant && entry.model === model) queue.remove(entry);
      }
    },
    run: (count, onEnd) => {
      for (let ended = 0; ended < count;) {
        dispatch();
        const next = running.reduce((a, b) => (b.endMs < a.endMs ? b : a));
        running = running.filter((batch) => batch !== next);
        idle.push(next.worker);
        nowMs = next.endMs;
        for (const entry of next.entries) {
          end(entry);
          onEnd?.(entry);
        }
        ended += next.entries.length;
      }
    },
    takeOver: () => {
      const waiting = [...queue.entries()];
      queue = createFairQueue<NamedEntry>({ policies });
      running = running.map((batch) => ({ ...batch, entries: batch.entries.map(again) }));
      for (const entry of running.flatMap(({ entries }) => entries)) queue.adopt(entry);
      for (const entry of waiting.toReversed()) queue.add(again(entry));
    },
    takeShares: () => {
      const since = [...receivedMs].map(([tenant, ms]): [string, number] => [
        tenant,
        ms - (sharesFrom.get(tenant) ?? 0),
      ]);
      sharesFrom = new Map(receivedMs);
      const totalMs = since.reduce((sum, [, ms]) => sum + ms, 0);
      return Object.fromEntries(since.map(([tenant, ms]) => [tenant, ms / totalMs]));
    },
  };
}

/** Numbers between 0 and 1 that are the same in every run; a linear congruential generator, good enough for costs. */
export function createNoise(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
