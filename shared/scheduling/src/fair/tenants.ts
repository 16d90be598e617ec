import type { QueueEntry } from "../request-queue.ts";
import type { SharePolicies, TenantPolicy } from "../share-policy.ts";
import type { Contest } from "./contest.ts";
import { liftV } from "./contest.ts";
import type { Guarantees } from "./guarantees.ts";
import { createIdleTenants, type IdleTenants } from "./idle-tenants.ts";
import { createBranch, createTenant, hasWork, type Branch, type Tenant } from "./tree.ts";
import { reweigh } from "./working-weights.ts";

/** The groups and tenants that a queue knows, with their policies. */
export interface Tenants<Entry extends QueueEntry> {
  readonly root: Branch<Entry>;
  readonly idle: IdleTenants<Entry>;
  /** The tenant as its policy is now, with a record from now on. One without work moves to the group it is in now. */
  open(name: string): Tenant<Entry>;
  /** The tenant if it has a record. */
  find(name: string): Tenant<Entry> | undefined;
  /** All with a record. */
  known(): Iterable<Tenant<Entry>>;
  /** The branch of a group; the root for "". Groups stay: there are as many as the operator named. */
  branch(group: string): Branch<Entry>;
  groups(): Iterable<Branch<Entry>>;
  /** Reads the policy of a tenant again. */
  refreshTenant(tenant: Tenant<Entry>): void;
  /** Reads the policy of a group again; the root has none. */
  refreshBranch(branch: Branch<Entry>): void;
  /** Lets a tenant and its group contend again if they were parked and may have more in flight now. */
  unparkWhereRoom(tenant: Tenant<Entry>): void;
}

export interface TenantsOptions<Entry extends QueueEntry> {
  readonly policies: SharePolicies;
  readonly contest: Contest<Entry>;
  readonly guarantees: Guarantees<Entry>;
}

export function createTenants<Entry extends QueueEntry>(options: TenantsOptions<Entry>): Tenants<Entry> {
  const { policies, contest, guarantees } = options;
  const root = createBranch<Entry>("", {
    parent: undefined,
    policy: { weight: 1, maxInFlight: Infinity },
  });
  const groups = new Map<string, Branch<Entry>>();
  const tenants = new Map<string, Tenant<Entry>>();
  const idle = createIdleTenants<Entry>({ guarantees, forget: ({ name }) => tenants.delete(name) });

  const branchOf = (group: string): Branch<Entry> => {
    if (group === "") return root;
    let branch = groups.get(group);
    if (branch === undefined) {
      branch = createBranch(group, { parent: root, policy: policies.group(group) });
      groups.set(group, branch);
    }
    return branch;
  };

  const follow = (tenant: Tenant<Entry>, policy: TenantPolicy): void => {
    if (tenant.policy === policy) return;
    tenant.policy = policy;
    reweigh(tenant.branch, tenant);
    guarantees.follow(tenant);
  };

  const followGroup = (branch: Branch<Entry>): void => {
    if (branch.parent === undefined) return;
    branch.policy = policies.group(branch.name);
    reweigh(branch.parent, branch);
  };

  /** Makes a record out of what is known: a record in another group, a debt, or nothing. */
  const create = (name: string, policy: TenantPolicy): Tenant<Entry> => {
    const record = tenants.get(name);
    const debt = record === undefined ? idle.takeDebt(name) : undefined;
    const known = record ?? debt;
    const branch = branchOf(policy.group);
    let v = known?.v ?? 0;
    // What it owed to the old group it owes to the new one.
    if (known !== undefined && known.branch !== branch) {
      v = liftV(branch) + Math.max(0, v - liftV(known.branch));
    }
    const tenant = createTenant<Entry>(name, { branch, policy, v, chargedMs: record?.chargedMs ?? 0 });
    tenants.set(name, tenant);
    guarantees.follow(tenant, record?.guarantee?.dueMs ?? debt?.dueMs);
    return tenant;
  };

  return {
    root,
    idle,
    open: (name) => {
      const policy = policies.tenant(name);
      const tenant = tenants.get(name);
      if (tenant === undefined) return create(name, policy);
      if (tenant.branch.name !== policy.group && !hasWork(tenant)) {
        idle.wake(tenant);
        return create(name, policy);
      }
      follow(tenant, policy);
      return tenant;
    },
    find: (name) => tenants.get(name),
    known: () => tenants.values(),
    branch: branchOf,
    groups: () => groups.values(),
    refreshTenant: (tenant) => follow(tenant, policies.tenant(tenant.name)),
    refreshBranch: followGroup,
    unparkWhereRoom: (tenant) => {
      const { branch } = tenant;
      if (tenant.isParked && tenant.inFlight < tenant.policy.maxInFlight) contest.unpark(tenant);
      if (!branch.isParked) return;
      followGroup(branch);
      if (branch.inFlight < branch.policy.maxInFlight) contest.unpark(branch);
    },
  };
}
