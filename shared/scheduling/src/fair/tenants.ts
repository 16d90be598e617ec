import type { QueueEntry } from "../request-queue.ts";
import type { SharePolicies, TenantPolicy } from "../share-policy.ts";
import type { Classes } from "./classes.ts";
import type { Contest } from "./contest.ts";
import type { Guarantees } from "./guarantees.ts";
import { createIdleTenants, type IdleTenants } from "./idle-tenants.ts";
import { moveTenant, owedV } from "./move-tenant.ts";
import { groupHasRoom, hasRoom } from "./room.ts";
import { createBranch, createGroup, createTenant, type Branch, type Group, type Tenant } from "./tree.ts";
import { reweigh } from "./working-weights.ts";

/** Where a tenant contends. */
export type Home = Pick<TenantPolicy, "class" | "group">;

/** The classes, groups and tenants that a queue knows, with their policies. */
export interface Tenants<Entry extends QueueEntry> {
  readonly classes: Classes<Entry>;
  readonly idle: IdleTenants<Entry>;
  /** The tenant as its policy is now, with a record from now on. */
  open(name: string): Tenant<Entry>;
  /** The tenant if it has a record. */
  find(name: string): Tenant<Entry> | undefined;
  /** All with a record. */
  known(): Iterable<Tenant<Entry>>;
  /** The branch of a group in a class; the root of the class for "". Groups stay: there are as many as the operator named. */
  branch(home: Home): Branch<Entry>;
  /** The branches of all groups. */
  groups(): Iterable<Branch<Entry>>;
  /** Looks the policy of a tenant up again if any has changed, and moves the tenant where it belongs now. */
  refreshTenant(tenant: Tenant<Entry>): void;
  /** Looks the policy of a group up again if any has changed; the root of a class has none. */
  refreshBranch(branch: Branch<Entry>): void;
  /** Lets a tenant and its group contend again if they were parked and may have more in flight now. */
  unparkWhereRoom(tenant: Tenant<Entry>): void;
  /** Whether a tenant or its group is parked. */
  isHeldBack(tenant: Tenant<Entry>): boolean;
}

export interface TenantsOptions<Entry extends QueueEntry> {
  readonly policies: SharePolicies;
  readonly contest: Contest<Entry>;
  readonly classes: Classes<Entry>;
  readonly guarantees: Guarantees<Entry>;
}

export function createTenants<Entry extends QueueEntry>(options: TenantsOptions<Entry>): Tenants<Entry> {
  const { policies, contest, classes, guarantees } = options;
  const groups = new Map<string, Group<Entry>>();
  const tenants = new Map<string, Tenant<Entry>>();
  const idle = createIdleTenants<Entry>({ guarantees, forget: ({ name }) => tenants.delete(name) });

  const groupOf = (name: string): Group<Entry> => {
    let group = groups.get(name);
    if (group === undefined) {
      group = createGroup();
      groups.set(name, group);
    }
    return group;
  };

  const branchOf = ({ class: className, group: groupName }: Home): Branch<Entry> => {
    const root = classes.root(className);
    if (groupName === "") return root;
    const group = groupOf(groupName);
    let branch = group.branches.find(({ parent }) => parent === root);
    if (branch === undefined) {
      branch = createBranch(groupName, {
        poolClass: root.poolClass,
        parent: root,
        group,
        policy: policies.group(groupName),
        revision: policies.revision(),
      });
      group.branches.push(branch);
      group.branches.sort((one, other) => one.poolClass.rank - other.poolClass.rank);
      guarantees.follow(group, branch.policy.minShare);
    }
    return branch;
  };

  const unparkGroup = ({ branches }: Group<Entry>): void => {
    for (const branch of branches) {
      if (!branch.isParked) continue;
      refreshBranch(branch);
      if (groupHasRoom(branch)) contest.unpark(branch);
    }
  };

  const refreshTenant = (tenant: Tenant<Entry>): void => {
    const revision = policies.revision();
    if (tenant.revision === revision) return;
    tenant.revision = revision;
    const policy = policies.tenant(tenant.name);
    if (tenant.policy === policy) return;
    tenant.policy = policy;
    reweigh(tenant.branch, tenant);
    guarantees.follow(tenant, policy.minShare);
    const { branch } = tenant;
    const target = branchOf(policy);
    if (target === branch) return;
    moveTenant(tenant, { branch: target, contest });
    unparkGroup(branch.group);
  };

  const refreshBranch = (branch: Branch<Entry>): void => {
    const revision = policies.revision();
    if (branch.revision === revision || branch.parent === undefined) return;
    branch.revision = revision;
    branch.policy = policies.group(branch.name);
    reweigh(branch.parent, branch);
    guarantees.follow(branch.group, branch.policy.minShare);
  };

  /** Makes a record; a tenant that owed something to another group or class owes it to the one it is in now. */
  const create = (name: string): Tenant<Entry> => {
    const policy = policies.tenant(name);
    const debt = idle.takeDebt(name);
    const branch = branchOf(policy);
    const tenant = createTenant<Entry>(name, {
      branch,
      policy,
      revision: policies.revision(),
      v: debt === undefined ? 0 : owedV(debt, branch),
    });
    tenants.set(name, tenant);
    guarantees.follow(tenant, policy.minShare, debt?.dueMs);
    return tenant;
  };

  return {
    classes,
    idle,
    open: (name) => {
      const tenant = tenants.get(name);
      if (tenant === undefined) return create(name);
      refreshTenant(tenant);
      refreshBranch(tenant.branch);
      return tenant;
    },
    find: (name) => tenants.get(name),
    known: () => tenants.values(),
    branch: branchOf,
    groups: () => [...groups.values()].flatMap(({ branches }) => branches),
    refreshTenant,
    refreshBranch,
    unparkWhereRoom: (tenant) => {
      if (tenant.isParked && hasRoom(tenant)) contest.unpark(tenant);
      unparkGroup(tenant.branch.group);
    },
    isHeldBack: ({ isParked, branch }) => isParked || branch.group.branches.some((one) => one.isParked),
  };
}
