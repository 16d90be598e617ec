import type { QueueEntry, RequestQueue } from "../request-queue.ts";
import type { Core } from "./core.ts";
import { foretell } from "./foretell.ts";
import { aheadOf, type LaneAhead } from "./lane-ahead.ts";
import type { Outlook, PoolNow } from "./outlook.ts";
import { nearsLimit } from "./room.ts";
import { listVirtualTimes, type VirtualTime } from "./shares.ts";
import { groupLoadOf, loadOf, type LoadOptions, type QueueLoad } from "./tenant-load.ts";
import { listShares, type TenantShare } from "./tenant-share.ts";
import type { Lane } from "./tree.ts";

/** What can be told of a fair queue without changing it. */
export interface QueueViews<Entry extends QueueEntry> {
  /** Where those tenants stand that have work or had some of late. */
  shares(): Iterable<TenantShare<Entry>>;
  /** When an entry is expected to be taken; `undefined` for one that does not wait. */
  outlook(entry: Entry, pool: PoolNow<Entry>): Outlook | undefined;
  /** What a tenant has waiting and is due, for its next request for a model. */
  load(tenant: string, model: string): QueueLoad;
  /** The same for the group that the tenant is in: what its tenants of the same class have waiting, and are due together. */
  groupLoad(tenant: string, model: string): QueueLoad;
  /** What an item of a model cost of late, in worker-milliseconds, all tenants taken together; `undefined` before one has run. */
  costPerItemMs(model: string): number | undefined;
  /** Whether a tenant of these entries, or its group, has half or more of its `maxInFlight` in flight. */
  nearsLimit(entries: readonly Entry[]): boolean;
  /** What would stand before an entry in its lane, were it added now; `undefined` where nothing would. */
  ahead(entry: Entry): LaneAhead | undefined;
  /** Who received more than others that wait, for the next owner. */
  virtualTimes(): Iterable<VirtualTime>;
}

export interface QueueViewsOptions<Entry extends QueueEntry> {
  /** The lane of an entry whose tenant has a record. */
  readonly findLane: (entry: Entry) => Lane<Entry> | undefined;
  /** Makes a queue that decides by this core. */
  readonly createQueue: (core: Core<Entry>) => RequestQueue<Entry>;
}

export function createQueueViews<Entry extends QueueEntry>(
  core: Core<Entry>,
  { findLane, createQueue }: QueueViewsOptions<Entry>,
): QueueViews<Entry> {
  const { tenants, policies } = core;

  const nextRequest = (tenant: string, model: string): LoadOptions<Entry> => ({
    tenants,
    policy: policies.tenant(tenant),
    kind: core.model(model).shared,
  });

  return {
    shares: () => listShares(tenants),
    outlook: (entry, pool) => {
      const lane = entry.stay === "waiting" ? findLane(entry) : undefined;
      return lane && foretell(core, { lane, entry, pool, createQueue });
    },
    load: (name, model) => loadOf(tenants.find(name), nextRequest(name, model)),
    groupLoad: (name, model) => groupLoadOf(tenants.find(name), nextRequest(name, model)),
    costPerItemMs: (model) => core.models.get(model)?.model.costPerItemMs || undefined,
    nearsLimit: (entries) => {
      let last = "";
      for (const { tenant: name } of entries) {
        if (name === last) continue;
        last = name;
        const tenant = tenants.find(name);
        if (tenant !== undefined && nearsLimit(tenant)) return true;
      }
      return false;
    },
    ahead: (entry) => aheadOf(findLane(entry), entry),
    virtualTimes: () => listVirtualTimes(tenants),
  };
}
