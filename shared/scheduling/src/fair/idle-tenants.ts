import type { QueueEntry } from "../request-queue.ts";
import { liftV } from "./contest.ts";
import type { Guarantees } from "./guarantees.ts";
import type { Branch, Tenant } from "./tree.ts";

/** What remains of a tenant that has been idle for a while. */
export interface Debt<Entry extends QueueEntry> {
  readonly branch: Branch<Entry>;
  v: number;
  /** Of its guarantee while that is ahead of the pool's clock, see `guarantees.ts`. */
  readonly dueMs: number | undefined;
}

/**
 * Forgets tenants that are idle: that have nothing waiting and nothing in flight.
 *
 * Those that became idle last keep their record. Of the others only the debt remains, and nothing once their virtual time is
 * at most what a lift would give them and their guarantee is not ahead: then nothing is lost. (A charge that is corrected
 * downwards can lower a later lift; what is lost then is within the error of the estimates.)
 */
export interface IdleTenants<Entry extends QueueEntry> {
  rest(tenant: Tenant<Entry>): void;
  wake(tenant: Tenant<Entry>): void;
  /** Notes what a tenant without record owes. */
  owe(name: string, debt: Debt<Entry>): void;
  /** Takes the debt of a tenant that comes back. */
  takeDebt(name: string): Debt<Entry> | undefined;
  debts(): Iterable<[string, Debt<Entry>]>;
}

export interface IdleTenantsOptions<Entry extends QueueEntry> {
  readonly guarantees: Guarantees<Entry>;
  /** Drops the record of a tenant. */
  readonly forget: (tenant: Tenant<Entry>) => void;
}

/** Enough that tenants which pause for a moment find their estimates again, for a megabyte or two. */
const mostRecords = 1024;

/** Debts looked at for each record that is dropped: more than one, so that they are dropped faster than they come. */
const debtsPerRecord = 2;

export function createIdleTenants<Entry extends QueueEntry>(
  options: IdleTenantsOptions<Entry>,
): IdleTenants<Entry> {
  const { guarantees, forget } = options;
  /** The one that has been idle longest first. */
  const idle = new Set<Tenant<Entry>>();
  /** Kept, since a new one would look for the first through all that have left: what it has passed is not in the set any more. */
  const longest = idle.values();
  const debts = new Map<string, Debt<Entry>>();
  let sweep = debts.entries();

  /** Whether something would be lost without the debt. */
  const isAhead = ({ branch, v, dueMs }: Debt<Entry>): boolean =>
    v > liftV(branch) || (dueMs !== undefined && dueMs > guarantees.clockMs());

  const sweepDebts = (): void => {
    for (let count = 0; count < debtsPerRecord; count++) {
      const next = sweep.next();
      if (next.done === true) {
        sweep = debts.entries();
        return;
      }
      const [name, debt] = next.value;
      if (!isAhead(debt)) debts.delete(name);
    }
  };

  const shrink = (tenant: Tenant<Entry>): void => {
    idle.delete(tenant);
    forget(tenant);
    const { name, branch, v, guarantee } = tenant;
    const debt = { branch, v, dueMs: guarantee?.dueMs };
    if (isAhead(debt)) debts.set(name, debt);
    sweepDebts();
  };

  return {
    rest: (tenant) => {
      idle.add(tenant);
      if (idle.size <= mostRecords) return;
      const next = longest.next();
      if (next.done !== true) shrink(next.value);
    },
    wake: (tenant) => {
      idle.delete(tenant);
    },
    owe: (name, debt) => {
      debts.set(name, debt);
    },
    takeDebt: (name) => {
      const debt = debts.get(name);
      if (debt !== undefined) debts.delete(name);
      return debt;
    },
    debts: () => debts.entries(),
  };
}
