import type { Lease, LeaseAsk, LeaseShortage, Payer } from "@sluice/protocol";
import { chunkMs, hasBudget, type Quota } from "./quota.ts";

/** Why a request cannot be paid for now, and when it may be. */
export interface WalletShortage {
  readonly shortOf: LeaseShortage;
  readonly retryAfterMs: number;
  /** What may be spent now; below 0 = owed. */
  readonly balanceMs: number;
  /** What was spent of the budget it is short of, in worker-milliseconds. */
  readonly spentMs: number;
}

/**
 * What one dispatcher has leased of a payer's quota, for all its pools.
 *
 * A request is let in when the wallet holds what it is estimated to cost; one that costs more than a chunk, when it holds a chunk.
 * What it costs beyond that is owed, and is paid before anything else is let in. As long as the payer's home has not answered yet, or
 * gave all that was wanted the last time, a chunk is on credit: what comes while more is being leased is let in so.
 */
export interface Wallet {
  /** What may be spent now; below 0 = owed. */
  readonly balanceMs: number;
  /** What the home was short of the last time. */
  readonly shortOf: LeaseShortage;
  /** Whether the home is being asked. */
  readonly isAsking: boolean;
  /** Whether the home gave all that was wanted the last time, and is not being asked again. */
  readonly isSupplied: boolean;
  /** Takes over another quota, or number of dispatchers. */
  adjust(quota: Quota, dispatcherCount: number): void;
  covers(costMs: number): boolean;
  /** Spends whatever is there, or puts some back where it is below 0. */
  spend(costMs: number): void;
  /** Whether the home should be asked now: it holds much less than a chunk, or much more. */
  isDue(nowMs: number): boolean;
  /** Asks for a chunk, less what is there; gives back what is beyond. What became of it is noted before the next. */
  askChunk(): WalletAsk;
  /** Takes everything out: what the home must be told is owed, below 0 = given back. */
  empty(): number;
  /** Notes what the home leased of what was asked last. */
  noteAnswer(lease: Omit<Lease, keyof Payer>, nowMs: number): void;
  /** Notes what was leased beside that, by a home that is here. */
  noteLease(lease: Omit<Lease, keyof Payer>, nowMs: number): void;
  /**
   * Notes that the home did not answer: what was given back is gone, what is owed stays. A quota that is only a rate gives itself
   * its part of the rate for the time that passed.
   */
  noteSilence(nowMs: number): void;
  /** Notes that the home was not reached: as {@link noteSilence}, but what was given back is still here. */
  noteUndelivered(nowMs: number): void;
  /** Notes that another is the home now: nothing that the one before said is a reason to wait. */
  noteNewHome(nowMs: number): void;
  /** For a request that it does not cover. */
  shortage(costMs: number, nowMs: number): WalletShortage;
}

/** What a wallet tells the home, and asks of it. */
export type WalletAsk = Omit<LeaseAsk, keyof Payer>;

/** Shortest time until a refused caller, or the wallet, tries again, in milliseconds: a message to the home and back, with room. */
const leastRetryMs = 20;
/** Longest time until the home is asked again, in milliseconds: so soon a raised quota, or a home that is back, is noticed. */
const mostRetryMs = 1_000;

export interface WalletOptions {
  readonly quota: Quota;
  readonly dispatcherCount: number;
  readonly nowMs: number;
}

export function createWallet(options: WalletOptions): Wallet {
  let { quota, dispatcherCount } = options;
  let chunk = chunkMs(quota, dispatcherCount);
  let balanceMs = 0;
  /** What the home was told when it was asked, until it is known what became of that: owed, or below 0 = given back. */
  let toldMs: number | undefined;
  /** Whether the home answered, or is not waited for any more. */
  let isSettled = false;
  let shortOf: LeaseShortage = "pending";
  let spentMs = 0;
  /** At which rate what is missing comes, in worker-milliseconds a second, and when that begins. */
  let refillRate = quota.rateMsPerSecond;
  let readyAtMs = options.nowMs;
  /** Not before then is the home asked. */
  let askAtMs = options.nowMs;
  /** When it was last leased something, or helped itself. */
  let suppliedAtMs = options.nowMs;

  const spendableMs = (): number => balanceMs + (!isSettled || shortOf === "none" ? chunk : 0);

  const noteShortage = (shortage: Pick<Lease, "shortOf" | "waitMs" | "spentMs">, nowMs: number): void => {
    const { waitMs } = shortage;
    ({ shortOf, spentMs } = shortage);
    readyAtMs = nowMs + waitMs;
    askAtMs = nowMs + askDelayMs(shortOf, waitMs + (chunk / 2 / refillRate) * 1000);
  };

  /** Ends the question; `returned` says what of that which was told comes back. */
  const endQuestion = (returned: (toldMs: number) => number): void => {
    balanceMs += returned(toldMs ?? 0);
    toldMs = undefined;
    isSettled = true;
  };

  const noteLease = (lease: Omit<Lease, keyof Payer>, nowMs: number): void => {
    balanceMs += lease.grantedMs;
    isSettled = true;
    suppliedAtMs = nowMs;
    refillRate = quota.rateMsPerSecond;
    noteShortage(lease, nowMs);
  };

  /** For a home that did not answer, or was not reached. */
  const noteNoAnswer = (nowMs: number): void => {
    if (hasBudget(quota)) {
      noteShortage({ shortOf: "unavailable", waitMs: 0, spentMs: 0 }, nowMs);
      return;
    }
    refillRate = quota.rateMsPerSecond / Math.max(1, dispatcherCount);
    const ownMs = ((nowMs - suppliedAtMs) * refillRate) / 1000;
    balanceMs += Math.max(0, Math.min(chunk - balanceMs, ownMs));
    suppliedAtMs = nowMs;
    noteShortage({ shortOf: "rateMsPerSecond", waitMs: 0, spentMs: 0 }, nowMs);
  };

  return {
    get balanceMs() {
      return balanceMs;
    },
    get shortOf() {
      return shortOf;
    },
    get isAsking() {
      return toldMs !== undefined;
    },
    get isSupplied() {
      return shortOf === "none" && toldMs === undefined;
    },
    adjust: (nextQuota, nextCount) => {
      if (nextQuota === quota && nextCount === dispatcherCount) return;
      quota = nextQuota;
      dispatcherCount = nextCount;
      chunk = chunkMs(quota, dispatcherCount);
    },
    covers: (costMs) => spendableMs() >= Math.min(costMs, chunk),
    spend: (costMs) => {
      balanceMs -= costMs;
    },
    isDue: (nowMs) => {
      if (toldMs !== undefined || nowMs < askAtMs) return false;
      return balanceMs < chunk / 2 || balanceMs > 1.5 * chunk;
    },
    askChunk: () => {
      const surplusMs = Math.max(0, balanceMs - chunk);
      toldMs = Math.max(0, -balanceMs) - surplusMs;
      // Not a difference: by its rounding less than nothing would be wanted, which no home reads.
      balanceMs = Math.min(balanceMs, chunk);
      return { owedMs: toldMs, wantMs: chunk - Math.max(0, balanceMs) };
    },
    empty: () => {
      const owedMs = 0 - balanceMs;
      balanceMs = 0;
      return owedMs;
    },
    noteAnswer: (lease, nowMs) => {
      endQuestion((owedMs) => Math.max(0, owedMs));
      noteLease(lease, nowMs);
    },
    noteLease,
    noteSilence: (nowMs) => {
      endQuestion(() => 0);
      noteNoAnswer(nowMs);
    },
    noteUndelivered: (nowMs) => {
      endQuestion((owedMs) => Math.max(0, -owedMs));
      noteNoAnswer(nowMs);
    },
    noteNewHome: (nowMs) => {
      askAtMs = Math.min(askAtMs, nowMs);
    },
    shortage: (costMs, nowMs) => {
      const missingMs = Math.min(costMs, chunk) - spendableMs();
      const waitMs = Math.max(0, readyAtMs - nowMs);
      const retryAfterMs = Math.ceil(
        retryDelayMs(shortOf, { waitMs, refillMs: (missingMs / refillRate) * 1000 }),
      );
      return { shortOf, retryAfterMs, balanceMs, spentMs };
    },
  };
}

/** How long the home is not asked again, where `refillMs` is the time in which a rate gives it half a chunk. */
function askDelayMs(shortOf: LeaseShortage, refillMs: number): number {
  switch (shortOf) {
    case "none":
      return 0;
    case "pending":
      return leastRetryMs;
    case "rateMsPerSecond":
      return Math.min(mostRetryMs, Math.max(leastRetryMs, refillMs));
    case "unavailable":
    case "dailyBudgetSeconds":
    case "monthlyBudgetSeconds":
      return mostRetryMs;
  }
}

interface RetryTimes {
  /** Until the home has something again. */
  readonly waitMs: number;
  /** From then on, until a rate has given what is missing. */
  readonly refillMs: number;
}

/** What a refused caller is told to wait. */
function retryDelayMs(shortOf: LeaseShortage, { waitMs, refillMs }: RetryTimes): number {
  switch (shortOf) {
    case "none":
    case "pending":
      return leastRetryMs;
    case "unavailable":
      return mostRetryMs;
    case "rateMsPerSecond":
      return Math.max(leastRetryMs, waitMs + refillMs);
    case "dailyBudgetSeconds":
    case "monthlyBudgetSeconds":
      return Math.max(leastRetryMs, waitMs);
  }
}
