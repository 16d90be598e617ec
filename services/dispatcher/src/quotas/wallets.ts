import {
  maxLeasesPerMessage,
  payerKey,
  type LeaseAsk,
  type LimitHolder,
  type Payer,
  type Refusal,
} from "@sluice/protocol";
import type { Clock } from "@sluice/runtime";
import { createWallet, type Wallet } from "@sluice/scheduling";
import type { Background } from "../background.ts";
import type { HomeLine } from "./home-line.ts";
import type { Homes } from "./homes.ts";
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
  /** Gives everything back. */
  leave(): void;
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

/** There is one for each payer with a quota that had a request within {@link idleWalletMs}, or whose home is short of something. */
interface OpenWallet {
  readonly key: string;
  readonly payer: Payer;
  readonly wallet: Wallet;
  home: string | undefined;
  usedAtMs: number;
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
  /** Those whose home is to be asked. */
  const due = new Set<OpenWallet>();
  let isFlushDue = false;
  let sweeping: Disposable | undefined;

  const ask = async (home: string, opens: readonly OpenWallet[]): Promise<void> => {
    const asks = opens.map(({ payer, wallet }) => ({ ...payer, ...wallet.askChunk() }));
    const leases = await line.ask(home, asks);
    const nowMs = clock.monotonicMs();
    for (const [index, { key, wallet }] of opens.entries()) {
      const lease = leases[index];
      if (lease !== undefined && payerKey(lease) === key) wallet.noteLease(lease, nowMs);
      else wallet.noteSilence(nowMs);
    }
    if (due.size > 0) soon();
  };

  /** Asks every home that is not being asked, for as many payers as a message holds; the others stay due. */
  const flush = (): void => {
    isFlushDue = false;
    const nowMs = clock.monotonicMs();
    const groups = new Map<string, OpenWallet[]>();
    for (const open of due) {
      const { home, wallet } = open;
      if (home === undefined || home === self || !wallet.isDue(nowMs)) {
        due.delete(open);
      } else if (!line.isBusy(home)) {
        const group = groups.get(home);
        if (group === undefined) groups.set(home, [open]);
        else if (group.length < maxLeasesPerMessage) group.push(open);
        else continue;
        due.delete(open);
      }
    }
    for (const [home, opens] of groups) background.start(() => ask(home, opens));
  };

  const soon = (): void => {
    if (isFlushDue) return;
    isFlushDue = true;
    clock.afterRead(flush);
  };

  const askWhereDue = (open: OpenWallet, nowMs: number): void => {
    const { home, wallet } = open;
    if (home === self || !wallet.isDue(nowMs)) return;
    if (home === undefined) {
      wallet.noteSilence(nowMs);
    } else {
      due.add(open);
      soon();
    }
  };

  const giveBack = (opens: Iterable<OpenWallet>): void => {
    const groups = new Map<string, LeaseAsk[]>();
    for (const { payer, wallet, home } of opens) {
      const owedMs = wallet.empty();
      if (owedMs === 0 || home === undefined) continue;
      const row = { ...payer, owedMs, wantMs: 0 };
      const group = groups.get(home);
      if (home === self) desk.lease(row);
      else if (group === undefined) groups.set(home, [row]);
      else group.push(row);
    }
    for (const [home, rows] of groups) line.tell(home, rows);
  };

  const sweep = (): void => {
    const nowMs = clock.monotonicMs();
    const unused: OpenWallet[] = [];
    for (const open of wallets.values()) {
      const { key, wallet, home, usedAtMs } = open;
      const isIdle = nowMs - usedAtMs >= idleWalletMs;
      const isHere = home === self;
      const isOwed = wallet.balanceMs < 0;
      if (isHere || (isIdle && wallet.isSupplied && !isOwed)) {
        if (isIdle) wallets.delete(key);
        unused.push(open);
        continue;
      }
      const isPatient = isIdle && !isOwed && wallet.shortOf !== "rateMsPerSecond";
      if (!isPatient || wallet.isDue(nowMs - idleAskMs)) askWhereDue(open, nowMs);
    }
    giveBack(unused);
    sweeping = wallets.size === 0 ? undefined : clock.schedule(sweepMs, sweep);
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
      sweeping ??= clock.schedule(sweepMs, sweep);
    }
    known.wallet.adjust(quota, dispatcherCount);
    known.usedAtMs = nowMs;
    return known;
  };

  const findHomes = (): void => {
    homes.refresh();
    for (const each of wallets.values()) each.home = homes.of(each.payer);
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
    leave: () => {
      sweeping?.[Symbol.dispose]();
      // A home may have left since the last heartbeat.
      findHomes();
      giveBack(wallets.values());
      wallets.clear();
      due.clear();
    },
  };
}
