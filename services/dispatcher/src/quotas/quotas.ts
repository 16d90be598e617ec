import type { Membership } from "../membership/membership.ts";
import { createHomeLine } from "./home-line.ts";
import { createHomes } from "./homes.ts";
import { createQuotaDesk, type QuotaDeskOptions } from "./quota-desk.ts";
import { createWallets, type Wallets } from "./wallets.ts";

/** This dispatcher's part in what tenants may spend in all pools together. */
export interface Quotas {
  /** What requests are paid from. */
  readonly wallets: Wallets;
  /** Begins to lease to others; called once it is known who is alive. */
  start(): void;
  /** Called with every heartbeat. */
  tick(): void;
  /** Gives everything back. Never rejects. */
  leave(): Promise<void>;
}

export interface QuotasOptions extends Omit<QuotaDeskOptions, "isHome"> {
  readonly membership: Pick<Membership, "living" | "isJetStreamAway">;
}

export function createQuotas(options: QuotasOptions): Quotas {
  const { self, clock, background, messaging, onEvent } = options;
  const homes = createHomes(options.membership);
  const desk = createQuotaDesk({ ...options, isHome: (payer) => homes.of(payer) === self });
  const line = createHomeLine({ messaging, clock, onEvent });
  const wallets = createWallets({ self, homes, desk, line, clock, background });
  return {
    wallets,
    start: () => {
      desk.start();
      wallets.tick();
    },
    tick: () => {
      wallets.tick();
      desk.tick();
      for (const of of ["tenant", "group"] as const) {
        onEvent({ type: "quotasSampled", of, ...wallets.sum(of), leasedMs: desk.takeLeasedMs(of) });
      }
    },
    leave: async () => {
      await wallets.leave();
      await desk.leave();
    },
  };
}
