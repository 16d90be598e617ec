import { payerKey, type Payer } from "@sluice/protocol";
import { rendezvousWinner } from "@sluice/scheduling";
import type { Membership } from "../membership/membership.ts";

/** Who keeps the account of which payer: its home, the living dispatcher that rendezvous hashing names for it. */
export interface Homes {
  /** Number of living dispatchers, at least 1. */
  readonly dispatcherCount: number;
  /** The home of a payer; `undefined` while nobody is known to be alive. */
  of(payer: Payer): string | undefined;
  /** Looks again who is alive, and tells whether that has changed. */
  refresh(): boolean;
}

/** Creates homes that stay as they were while JetStream is away: heartbeats cannot be seen then, and everybody would think itself alone. */
export function createHomes(membership: Pick<Membership, "living" | "isJetStreamAway">): Homes {
  let living: readonly string[] = [];
  return {
    get dispatcherCount() {
      return Math.max(1, living.length);
    },
    of: (payer) => rendezvousWinner(payerKey(payer), living),
    refresh: () => {
      if (membership.isJetStreamAway) return false;
      const before = living;
      living = membership.living();
      return living.length !== before.length || living.some((name, index) => name !== before[index]);
    },
  };
}
