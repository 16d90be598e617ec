import type { TenantClass } from "@sluice/protocol";

/** What the fair queue is told of a group of tenants. */
export interface GroupPolicy {
  /** Its share against the other groups, and the tenants in none, of the same class that wait: above 0. */
  readonly weight: number;
  /** Part of the pool it is guaranteed while it waits, whatever weights and classes, 0 to 1; 0 = none. */
  readonly minShare: number;
  /** Most of its requests that may be with workers at a time; Infinity = any number. */
  readonly maxInFlight: number;
}

/** What the fair queue is told of a tenant. */
export interface TenantPolicy {
  /** What waits of it goes before all that waits of lower classes, but for their floor. */
  readonly class: TenantClass;
  /** The group whose share it takes part in; "" = none, then it stands beside the groups. */
  readonly group: string;
  /** Its share against the others of its group and class that wait: above 0. */
  readonly weight: number;
  /** Part of the pool it is guaranteed while it waits, whatever weights and classes, 0 to 1; 0 = none. */
  readonly minShare: number;
  /** Most of its requests that may be with workers at a time; Infinity = any number. */
  readonly maxInFlight: number;
}

/** Where the fair queue looks policies up: they may change while it runs. */
export interface SharePolicies {
  /** Another number after every change: asked for every request, policies only where it is not what it was. */
  revision(): number;
  tenant(name: string): TenantPolicy;
  group(name: string): GroupPolicy;
}
