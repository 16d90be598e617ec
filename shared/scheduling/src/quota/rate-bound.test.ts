import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createHomeAccount } from "./home-account.ts";
import { aQuota } from "./quota.fixture.ts";
import { chunkMs } from "./quota.ts";
import { createWallet, type Wallet } from "./wallet.ts";

const rateMsPerSecond = 500;
const burstMs = 800;
const quota = aQuota({ rateMsPerSecond, burstMs });
const mostCostMs = 300;
/** Short beside the time that a request costs at the rate, so that what is let in is bounded by nothing else. */
const mostPassMs = 100;
/** What sums of fractions may be off by. */
const tinyMs = 1e-6;

/** A dispatcher, with what its wallet paid for each request that has not ended. */
interface Owner {
  wallet: Wallet;
  paidMs: number[];
}

/** The time from a moment until now. */
interface Window {
  readonly sinceMs: number;
  /** What all wallets held when it began. */
  readonly heldMs: number;
  /** What was spent in it, less what was put back. */
  spentMs: number;
  /** What may be spent in it beside burst and rate: see the steps. */
  extraMs: number;
}

type StepKind = "request" | "end" | "pass" | "close" | "crash" | "moveHome";

/** Something that happens to the quota of one tenant. */
interface Step {
  readonly kind: StepKind;
  /** To which dispatcher, counted around. */
  readonly owner: number;
  /** Says what a request is estimated to cost, what one did cost, or how long nothing happens. */
  readonly ms: number;
}

/** Mostly what adds nothing to the bound, so that breaking it is not covered by what does. */
const kinds: readonly StepKind[] = [
  ...Array<StepKind>(200).fill("request"),
  ...Array<StepKind>(50).fill("end"),
  ...Array<StepKind>(100).fill("pass"),
  ...Array<StepKind>(8).fill("close"),
  "crash",
  "moveHome",
];
const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom(...kinds),
  owner: fc.nat(7),
  ms: fc.integer({ min: 1, max: 1000 }),
});

/**
 * Several dispatchers that spend one quota, whose home answers at once. After every step, no more may have been spent in any window
 * than burst and rate give, what was held, and for each dispatcher a chunk on credit and one request that is let in and owed.
 */
function createTenant(dispatcherCount: number): (step: Step) => void {
  const chunk = chunkMs(quota, dispatcherCount);
  let nowMs = 0;
  let home = createHomeAccount();
  const openWallet = (): Wallet => createWallet({ quota, dispatcherCount, nowMs });
  const owners: Owner[] = Array.from({ length: dispatcherCount }, () => ({
    wallet: openWallet(),
    paidMs: [],
  }));
  const windows: Window[] = [];

  const spend = (wallet: Wallet, costMs: number): void => {
    wallet.spend(costMs);
    for (const window of windows) window.spentMs += costMs;
  };
  const allow = (extraMs: number): void => {
    for (const window of windows) window.extraMs += extraMs;
  };

  const act = (owner: Owner, { kind, ms }: Step): void => {
    const { wallet } = owner;
    switch (kind) {
      case "request": {
        const costMs = ms % mostCostMs;
        if (!wallet.covers(costMs)) return;
        spend(wallet, costMs);
        owner.paidMs.push(costMs);
        return;
      }
      case "end": {
        const paidMs = owner.paidMs.shift();
        if (paidMs === undefined) return;
        // Nothing for what is given up, else about what was estimated.
        const costMs = ms % 10 === 0 ? 0 : paidMs * (0.9 + (ms % 3) / 10);
        spend(wallet, costMs - paidMs);
        // What an estimate was too low by is spent, whatever is there.
        allow(Math.max(0, costMs - paidMs));
        return;
      }
      case "pass": {
        nowMs += ms % mostPassMs;
        const heldMs = owners.reduce((sum, each) => sum + Math.max(0, each.wallet.balanceMs), 0);
        windows.push({ sinceMs: nowMs, heldMs, spentMs: 0, extraMs: 0 });
        return;
      }
      case "close":
        if (!wallet.isSupplied || wallet.balanceMs < 0) return;
        home.lease(quota, { owedMs: wallet.empty(), wantMs: 0 }, { monotonicMs: nowMs, wallMs: 0 });
        owner.wallet = openWallet();
        return;
      case "crash":
        // What it owed is forgotten, and it begins on credit again.
        allow(chunk + Math.max(0, -wallet.balanceMs));
        owner.wallet = openWallet();
        owner.paidMs = [];
        return;
      case "moveHome":
        allow(burstMs);
        home = createHomeAccount();
    }
  };

  const exchange = ({ wallet }: Owner): void => {
    if (!wallet.isDue(nowMs)) return;
    const lease = home.lease(quota, wallet.askChunk(), { monotonicMs: nowMs, wallMs: 0 });
    wallet.noteAnswer(lease, nowMs);
    expect(wallet.balanceMs).toBeLessThanOrEqual(1.5 * chunk + tinyMs);
  };

  return (next) => {
    const owner = owners[next.owner % owners.length];
    if (owner !== undefined) act(owner, next);
    owners.forEach(exchange);
    const overshootMs = dispatcherCount * (chunk + mostCostMs);
    let excessMs = 0;
    for (const { sinceMs, heldMs, spentMs, extraMs } of windows) {
      const givenMs = burstMs + (rateMsPerSecond * (nowMs - sinceMs)) / 1000;
      excessMs = Math.max(excessMs, spentMs - givenMs - heldMs - overshootMs - extraMs);
    }
    expect(excessMs).toBeLessThanOrEqual(tinyMs);
  };
}

describe("the rate of a tenant with several dispatchers", () => {
  test("is exceeded in no window by more than is documented, whatever is spent, put back, lost or moved", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 4 }),
        fc.array(step, { minLength: 100, maxLength: 500, size: "max" }),
        (dispatcherCount, steps) => {
          const take = createTenant(dispatcherCount);
          for (const each of steps) take(each);
        },
      ),
      { numRuns: 150, interruptAfterTimeLimit: 15_000 },
    );
  });

  test.each([1, 4])(
    "is kept for any length of time by requests that cost more than a chunk, at %d",
    (count) => {
      const take = createTenant(count);
      for (let number = 0; number < 4000; number++) {
        take({ kind: "request", owner: number, ms: mostCostMs - 1 });
        take({ kind: "pass", owner: 0, ms: 10 });
      }
    },
  );
});
