import type { Membership } from "../membership/membership.ts";

/**
 * Whether one pool's record still stands behind the lease. A lease that lapsed and came back proves only that we live again:
 * in between the pool may have been taken, so its record must be read once for each term.
 */
export interface LeaseHold {
  /** Notes that the record was read, or written, within this term. */
  confirm(term: number): void;
  /** Whether the record must be read before the pool can be relied on. */
  needsConfirmation(): boolean;
  /** Whether the pool can be relied on now. */
  isHeld(): boolean;
}

export function createLeaseHold(membership: Pick<Membership, "term" | "isLeaseValid">): LeaseHold {
  let confirmedTerm = 0;
  return {
    confirm: (term) => {
      confirmedTerm = term;
    },
    needsConfirmation: () => confirmedTerm !== membership.term,
    isHeld: () => membership.isLeaseValid() && confirmedTerm === membership.term,
  };
}
