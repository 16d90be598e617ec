import { maxLeasesPerMessage, payerKey, type LimitHolder, type Refusal } from "@sluice/protocol";
import type { Clock } from "@sluice/runtime";
import { createWallet } from "@sluice/scheduling";
import type { Background } from "../background.ts";
import { createHomeAsks } from "./home-asks.ts";
import type { HomeLine } from "./home-line.ts";
import type { Homes } from "./homes.ts";
import type { OpenWallet } from "./open-wallet.ts";
import type { QuotaDesk } from "./quota-desk.ts";
import { quotaRefusal, type LimitedPayer } from "./quota-refusals.ts";

/**
 * What this dispatcher has leased of the quotas of tenants and groups, for all pools that it owns. Spending is local and waits for nothing;
 * homes are asked ahead of need, one message at a time each, for many payers together. Where this dispatcher is the home itself
 * it leases for every request what that costs, and keeps nothing.
 */
export interface Wallets {
  /** Why the payer cannot pay for a request now: `resourceExhausted` or `unavailable`; `undefined` where it can. */
  refusal(payer: LimitedPayer, costMs: number): Refusal | undefined;
  /** Spends whatever is there, or puts some back where it is below 0. */
  spend(payer: LimitedPayer, costMs: number): void;
  /** Looks again who is whose home; called with every heartbeat. */
  tick(): void;
  /** What there is of tenants, or of groups, in all wallets together. */
  sum(of: LimitHolder): WalletSum;
  /** Gives everything back, once it is known what became of what was asked. */
  leave(): Promise<void>;
}

export interface WalletSum {
  readonly walletCount: number;
  /** What they hold, and what they owe, in worker-milliseconds. */
  readonly heldMs: number;
  readonly owedMs: number;
}

export interface WalletsOptions {
  readonly self: string;
  readonly homes: Homes;
  readonly desk: Pick<QuotaDesk, "lease">;
  readonly line: HomeLine;
  readonly clock: Clock;
  readonly background: Background;
}

/** Time between two looks at all wallets, in milliseconds: what nobody spends is kept from others for so long at most. */
const sweepMs = 20;
/** A wallet is given back after so long without use, in milliseconds. */
const idleWalletMs = 1_000;
/** How much later than others a home is asked for a payer that sends nothing and whose budget was spent, in milliseconds. */
const idleAskMs = 30_000;

export function createWallets(options: WalletsOptions): Wallets {
  const { self, homes, desk, line, clock, background } = options;
  const wallets = new Map<string, OpenWallet>();
  let sweeping: Disposable | undefined;
  let hasLeft = false;

  const keepSweeping = (): void => {
    if (!hasLeft) sweeping ??= clock.schedule(sweepMs, sweep);
  };

  const putBack = (open: OpenWallet, amountMs: number): void => {
    if (amountMs === 0) return;
    const kept = wallets.get(open.key) ?? open;
    kept.home = homes.of(kept.payer);
    wallets.set(kept.key, kept);
    kept.wallet.spend(-amountMs);
    keepSweeping();
  };

  const findHomes = (): void => {
    if (!homes.refresh()) return;
    const nowMs = clock.monotonicMs();
    for (const open of wallets.values()) {
      const home = homes.of(open.payer);
      if (home === open.home) continue;
      open.home = home;
      open.wallet.noteNewHome(nowMs);
      askWhereDue(open, nowMs);
    }
  };

  const asks = createHomeAsks({ self, line, clock, background, putBack, onUnreached: findHomes });

  const askWhereDue = (open: OpenWallet, nowMs: number): void => {
    const { home, wallet } = open;
    if (home === self || !wallet.isDue(nowMs)) return;
    if (home === undefined) wallet.noteUndelivered(nowMs);
    else asks.want(open);
  };

  const giveBackHere = ({ payer, wallet }: OpenWallet): void => {
    const owedMs = wallet.empty();
    if (owedMs !== 0) desk.lease({ ...payer, owedMs, wantMs: 0 });
  };

  /** Gives back what nobody needs: all that is here, and what was not used for a while elsewhere. A wallet stays open where its home is short. */
  const giveBackUnused = (nowMs: number): void => {
    const groups = new Map<string, OpenWallet[]>();
    /** Tells whether the wallet is, or will be, empty. */
    const giveBack = (open: OpenWallet): boolean => {
      const { wallet, home } = open;
      if (wallet.balanceMs === 0) return true;
      if (home === undefined || !asks.isFree(home)) return false;
      const group = groupOf(groups, home);
      if (group.length >= maxLeasesPerMessage) return false;
      group.push(open);
      return true;
    };
    for (const open of wallets.values()) {
      const { key, wallet, home, usedAtMs } = open;
      const isIdle = nowMs - usedAtMs >= idleWalletMs && !wallet.isAsking;
      const isHere = home === self;
      if (isHere) giveBackHere(open);
      else if (!isIdle || wallet.balanceMs < 0 || !giveBack(open)) continue;
      if (!isIdle || !(isHere || wallet.isSupplied)) continue;
      wallets.delete(key);
      asks.forget(open);
    }
    for (const [home, opens] of groups) asks.giveBack(home, opens);
  };

  const sweep = (): void => {
    sweeping = undefined;
    const nowMs = clock.monotonicMs();
    giveBackUnused(nowMs);
    for (const open of wallets.values()) {
      const { wallet, usedAtMs } = open;
      const isPatient =
        nowMs - usedAtMs >= idleWalletMs && wallet.balanceMs >= 0 && wallet.shortOf !== "rateMsPerSecond";
      if (!isPatient || wallet.isDue(nowMs - idleAskMs)) askWhereDue(open, nowMs);
    }
    if (wallets.size > 0) keepSweeping();
  };

  const open = (limited: LimitedPayer, nowMs: number): OpenWallet => {
    const { of, name, quota } = limited;
    const { dispatcherCount } = homes;
    const key = payerKey(limited);
    let known = wallets.get(key);
    if (known === undefined) {
      const payer = { of, name };
      const wallet = createWallet({ quota, dispatcherCount, nowMs });
      known = { key, payer, wallet, home: homes.of(payer), usedAtMs: nowMs };
      wallets.set(key, known);
      keepSweeping();
    }
    known.wallet.adjust(quota, dispatcherCount);
    known.usedAtMs = nowMs;
    return known;
  };

  /** Gives back to this home; what does not reach it is taken by our own desk, which writes it to the budgets itself. */
  const giveBackTo = async (home: string, opens: readonly OpenWallet[]): Promise<void> => {
    let isReached = true;
    for (let start = 0; start < opens.length; start += maxLeasesPerMessage) {
      const part = opens.slice(start, start + maxLeasesPerMessage);
      const rows = part.map(({ payer, wallet }) => ({ ...payer, owedMs: wallet.empty(), wantMs: 0 }));
      const outcome = isReached ? await line.ask(home, rows, () => undefined) : undefined;
      if (outcome?.kind === "leased") continue;
      isReached = false;
      for (const row of rows) {
        // Who is silent may have it: then what is owed is better charged twice than not at all, and what is given back, lost than spent twice.
        if (outcome?.kind !== "silent" || row.owedMs > 0) desk.lease(row);
      }
    }
  };

  const giveAllBack = async (): Promise<void> => {
    const groups = new Map<string, OpenWallet[]>();
    for (const open of wallets.values()) {
      const { home = self, wallet } = open;
      if (home === self) giveBackHere(open);
      else if (wallet.balanceMs !== 0) groupOf(groups, home).push(open);
    }
    await Promise.all([...groups].map(([home, opens]) => giveBackTo(home, opens)));
    wallets.clear();
  };

  return {
    refusal: (limited, costMs) => {
      const nowMs = clock.monotonicMs();
      const { payer, wallet, home } = open(limited, nowMs);
      if (home === self) {
        wallet.noteLease(desk.lease({ ...payer, owedMs: wallet.empty(), wantMs: costMs }), nowMs);
      }
      if (wallet.covers(costMs)) return undefined;
      return quotaRefusal(limited, costMs, wallet.shortage(costMs, nowMs));
    },
    spend: (payer, costMs) => {
      const nowMs = clock.monotonicMs();
      const opened = open(payer, nowMs);
      opened.wallet.spend(costMs);
      askWhereDue(opened, nowMs);
    },
    tick: findHomes,
    sum: (of) => {
      let walletCount = 0;
      let heldMs = 0;
      let owedMs = 0;
      for (const { payer, wallet } of wallets.values()) {
        if (payer.of !== of) continue;
        walletCount += 1;
        heldMs += Math.max(0, wallet.balanceMs);
        owedMs += Math.max(0, -wallet.balanceMs);
      }
      return { walletCount, heldMs, owedMs };
    },
    leave: async () => {
      hasLeft = true;
      sweeping?.[Symbol.dispose]();
      await asks.end();
      // A home may have left since the last heartbeat.
      findHomes();
      await giveAllBack();
      line.close();
    },
  };
}

function groupOf(groups: Map<string, OpenWallet[]>, home: string): OpenWallet[] {
  const group = groups.get(home) ?? [];
  groups.set(home, group);
  return group;
}
