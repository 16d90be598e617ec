import type { ErrorCode } from "./code.ts";
import type { ModelLatency, PoolModel } from "./messages.ts";
import type { TenantClass } from "./tenant-class.ts";

/** `inspect.<pool>`: what somebody wants to know of a pool, or of a request in it. JSON, as its answers. */
export type InspectQuestion =
  | { readonly kind: "pool" }
  | {
      readonly kind: "request";
      /** The id its caller gave it, which is unique for this caller only. */
      readonly id: string;
      /** Whose request; absent = anybody's. */
      readonly tenant?: string;
    }
  | { readonly kind: "model"; readonly model: string };

export type InspectAnswer = PoolReport | RequestReport | ModelReport;

/** A pool as its owner sees it. Durations up to the answer, in milliseconds. */
export interface PoolReport {
  readonly kind: "pool";
  readonly pool: string;
  readonly epoch: number;
  readonly owner: string;
  /** Workers that can run something. */
  readonly workerCount: number;
  readonly models: readonly PoolModel[];
  readonly queuedCount: number;
  readonly queuedBytes: number;
  /** Time since its call of the request that waits longest; 0 when none waits. */
  readonly oldestMs: number;
  /** Requests that are with workers. */
  readonly inFlightCount: number;
  /**
   * Part of the workers' time, since this owner owns the pool, that was for requests that had expired or were cancelled when they
   * had run, 0 to 1; absent in answers of older owners.
   */
  readonly uselessRatio?: number;
  /** At most {@link maxInspectedTenants}: those with most waiting or in flight first, then by what they received. */
  readonly tenants: readonly TenantReport[];
  /** The sum of all other tenants since this owner owns the pool. */
  readonly others: OtherTenantsReport;
}

/** Number of refusals by code; codes that did not come up are left out. */
export type Refusals = Readonly<Partial<Record<ErrorCode, number>>>;

export interface TenantReport {
  readonly tenant: string;
  /** Absent = `normal`. */
  readonly class?: TenantClass;
  /** "" = none. */
  readonly group: string;
  readonly weight: number;
  readonly waitingCount: number;
  /** Time since the call of the request that waits longest; 0 when none waits. */
  readonly oldestMs: number;
  readonly inFlightCount: number;
  /** Worker-milliseconds charged to it since this owner knows it: estimates for what is in flight. */
  readonly receivedMs: number;
  /** Part of what the pool gave in the last ten seconds, 0 to 1. */
  readonly share: number;
  /** Part that its class, its weight and that of its group give it among the tenants that have work now; 0 without work. */
  readonly fairShare: number;
  /** Worker-milliseconds that it received less than its weight gives it, among those of its class that have work; negative = more. */
  readonly lagMs: number;
  /** Median of the time from the call until the batch was done, of recent requests; absent where nothing is known. */
  readonly p50Ms?: number;
  readonly p99Ms?: number;
  readonly refusals: Refusals;
}

export interface OtherTenantsReport {
  /** Those of them that the owner has something of now. */
  readonly tenantCount: number;
  readonly waitingCount: number;
  readonly inFlightCount: number;
  readonly receivedMs: number;
  readonly share: number;
  readonly refusals: Refusals;
}

/** What an owner knows of a model that its pool serves or served. */
export interface ModelReport {
  readonly kind: "model";
  readonly model: string;
  readonly version: string;
  readonly maxBatchSize: number;
  /** Whether rows may differ in length. */
  readonly hasLengths: boolean;
  /** Whether it generates: then no shape tells how long it takes, and no worker measures it. Absent in answers of older owners. */
  readonly isIterative?: boolean;
  /**
   * What an item of it cost of late, in worker-milliseconds, all tenants taken together; absent while none has run, and in
   * answers of older owners.
   */
  readonly costPerItemMs?: number;
  /** Workers that have the model ready, at most {@link maxInspectedWorkers}, in the order of their names. */
  readonly workers: readonly WorkerLatencyReport[];
}

export interface WorkerLatencyReport {
  readonly worker: string;
  /** Absent where the worker has not said how long the model takes. */
  readonly latency?: ModelLatency;
}

/** What an owner knows of a request id. */
export interface RequestReport {
  readonly kind: "request";
  readonly id: string;
  /** All open requests with this id, at most {@link maxInspectedRequests}; empty = it is not open here. */
  readonly requests: readonly (WaitingRequestReport | RunningRequestReport)[];
}

interface OpenRequestReport {
  readonly tenant: string;
  readonly model: string;
  /** How often it was given to a worker before. */
  readonly attempt: number;
}

export interface WaitingRequestReport extends OpenRequestReport {
  readonly state: "waiting";
  /** Place among the waiting requests of its tenant, from 1. */
  readonly place: number;
  /** Requests, of all tenants, that go before it as things stand. */
  readonly aheadCount: number;
  /** What those, and what is left of the running ones, are expected to cost, in worker-milliseconds. */
  readonly aheadMs: number;
  /** When it is expected to be given to a worker, from now on; absent while the pool has no worker. */
  readonly startInMs?: number;
  /** What is left of its timeout. */
  readonly timeLeftMs: number;
  /** Whether its tenant or its group has as many requests in flight as it may, so that it waits for one of those too. */
  readonly isHeld: boolean;
}

export interface RunningRequestReport extends OpenRequestReport {
  readonly state: "running";
  readonly worker: string;
  readonly batchId: string;
  /** Time since it was given to the worker. */
  readonly sinceMs: number;
}
