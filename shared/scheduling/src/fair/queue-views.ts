import type { QueueEntry } from "../request-queue.ts";
import type { SharePolicies } from "../share-policy.ts";
import { aheadOf, type LaneAhead } from "./lane-ahead.ts";
import { foretell, type Outlook } from "./outlook.ts";
import { listVirtualTimes, type VirtualTime } from "./shares.ts";
import { groupLoadOf, loadOf, type LoadOptions, type QueueLoad } from "./tenant-load.ts";
import { listShares, type TenantShare } from "./tenant-share.ts";
import type { Tenants } from "./tenants.ts";
import type { Lane, LaneKind } from "./tree.ts";

/** What can be told of a fair queue without changing it. */
export interface QueueViews<Entry extends QueueEntry> {
  /** Where those tenants stand that have work, had some of late, or received more than others that wait. */
  shares(): Iterable<TenantShare<Entry>>;
  /** When an entry is expected to be taken; `undefined` for one that does not wait. */
  outlook(entry: Entry): Outlook | undefined;
  /** What a tenant has waiting and is due, for its next request for a model. */
  load(tenant: string, model: string): QueueLoad;
  /** The same for the group that the tenant is in: what its tenants of the same class have waiting, and are due together. */
  groupLoad(tenant: string, model: string): QueueLoad;
  /** What would stand before an entry in its lane, were it added now; `undefined` where nothing would. */
  ahead(entry: Entry): LaneAhead | undefined;
  /** Who received more than others that wait, for the next owner. */
  virtualTimes(): Iterable<VirtualTime>;
}

export interface QueueViewsOptions<Entry extends QueueEntry> {
  readonly tenants: Tenants<Entry>;
  readonly policies: SharePolicies;
  /** The lane of an entry whose tenant has a record. */
  readonly findLane: (entry: Entry) => Lane<Entry> | undefined;
  /** Of which kind requests for a model are that do not run alone. */
  readonly kindOf: (model: string) => LaneKind;
}

export function createQueueViews<Entry extends QueueEntry>(
  options: QueueViewsOptions<Entry>,
): QueueViews<Entry> {
  const { tenants, policies, findLane, kindOf } = options;

  const nextRequest = (tenant: string, model: string): LoadOptions<Entry> => ({
    tenants,
    policy: policies.tenant(tenant),
    kind: kindOf(model),
  });

  return {
    shares: () => listShares(tenants, (name) => policies.tenant(name).weight),
    outlook: (entry) => {
      const lane = entry.stay === "waiting" ? findLane(entry) : undefined;
      return lane && foretell(tenants, lane, entry);
    },
    load: (name, model) => loadOf(tenants.find(name), nextRequest(name, model)),
    groupLoad: (name, model) => groupLoadOf(tenants.find(name), nextRequest(name, model)),
    ahead: (entry) => aheadOf(findLane(entry), entry),
    virtualTimes: () => listVirtualTimes(tenants),
  };
}
