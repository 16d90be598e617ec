import type { Lease, Payer } from "@sluice/protocol";
import { describe, expect, test } from "vitest";
import { aQuota } from "./quota.fixture.ts";
import type { QuotaTerms } from "./quota.ts";
import { createWallet, type Wallet } from "./wallet.ts";

/** A wallet of two dispatchers; with a rate of 1000, a chunk is 250. */
function aWallet(terms: QuotaTerms = { rateMsPerSecond: 1000 }): Wallet {
  return createWallet({ quota: aQuota(terms), dispatcherCount: 2, nowMs: 0 });
}

function aLease(fields: Partial<Lease> = {}): Omit<Lease, keyof Payer> {
  return { grantedMs: 0, shortOf: "none", waitMs: 0, spentMs: 0, ...fields };
}

/** A wallet that holds so much, as its home gave it. */
function aFilledWallet(balanceMs: number, terms?: QuotaTerms): Wallet {
  const wallet = aWallet(terms);
  wallet.askChunk();
  wallet.noteAnswer(aLease({ grantedMs: balanceMs }), 0);
  return wallet;
}

describe("createWallet()", () => {
  test("lets a chunk in on credit until the home has answered, and no more", () => {
    const wallet = aWallet();
    expect(wallet.covers(250)).toBe(true);
    wallet.spend(200);
    expect(wallet.covers(50)).toBe(true);
    expect(wallet.covers(51)).toBe(false);
    expect(wallet.askChunk()).toEqual({ owedMs: 200, wantMs: 250 });
    wallet.noteAnswer(aLease({ grantedMs: 0, shortOf: "rateMsPerSecond" }), 1);
    expect(wallet.balanceMs).toBe(0);
    expect(wallet.covers(1)).toBe(false);
  });

  test("lets a chunk in on credit while a home is asked that gave all the last time, and no more", () => {
    const wallet = aFilledWallet(250);
    wallet.spend(200);
    wallet.askChunk();
    wallet.spend(250);
    expect(wallet.balanceMs).toBe(-200);
    expect(wallet.covers(50)).toBe(true);
    expect(wallet.covers(51)).toBe(false);
    wallet.noteAnswer(aLease({ grantedMs: 150, shortOf: "rateMsPerSecond" }), 1);
    expect(wallet.balanceMs).toBe(-50);
    wallet.spend(-60);
    expect(wallet.covers(10)).toBe(true);
    expect(wallet.covers(11)).toBe(false);
  });

  test("is on credit no longer once it is known that the home is silent", () => {
    const wallet = aWallet({ dailyBudgetSeconds: 100 });
    wallet.spend(100);
    wallet.askChunk();
    wallet.noteSilence(1);
    expect(wallet.balanceMs).toBe(-100);
    expect(wallet.covers(1)).toBe(false);
  });

  test("is supplied once the home has given all that was wanted", () => {
    const wallet = aWallet();
    expect(wallet.isSupplied).toBe(false);
    wallet.askChunk();
    wallet.noteAnswer(aLease({ grantedMs: 250 }), 1);
    expect(wallet.isSupplied).toBe(true);
    wallet.spend(200);
    wallet.askChunk();
    expect(wallet.isSupplied).toBe(false);
    wallet.noteAnswer(aLease({ grantedMs: 10, shortOf: "rateMsPerSecond" }), 1);
    expect(wallet.isSupplied).toBe(false);
  });

  test("lets in what costs more than a chunk once it holds a chunk, and owes the rest", () => {
    const wallet = aWallet();
    wallet.askChunk();
    wallet.noteAnswer(aLease({ grantedMs: 249, shortOf: "rateMsPerSecond" }), 0);
    expect(wallet.covers(1000)).toBe(false);
    wallet.spend(-1);
    expect(wallet.covers(1000)).toBe(true);
    wallet.spend(1000);
    expect(wallet.balanceMs).toBe(-750);
    expect(wallet.covers(1)).toBe(false);
    expect(wallet.askChunk()).toEqual({ owedMs: 750, wantMs: 250 });
  });

  test("asks when it holds less than half a chunk, once", () => {
    const wallet = aFilledWallet(250);
    wallet.spend(125);
    expect(wallet.isDue(0)).toBe(false);
    wallet.spend(1);
    expect(wallet.isDue(0)).toBe(true);
    expect(wallet.askChunk()).toEqual({ owedMs: 0, wantMs: 126 });
    expect(wallet.isDue(0)).toBe(false);
  });

  test("gives back what it holds beyond a chunk, and cannot spend it any more", () => {
    const wallet = aFilledWallet(250);
    wallet.spend(-125);
    expect(wallet.isDue(0)).toBe(false);
    wallet.spend(-25);
    expect(wallet.isDue(0)).toBe(true);
    expect(wallet.askChunk()).toEqual({ owedMs: -150, wantMs: 0 });
    expect(wallet.balanceMs).toBe(250);
  });

  test("never wants less than nothing, however its sums are rounded", () => {
    for (let number = 0; number < 1000; number++) {
      const wallet = createWallet({
        quota: aQuota({ rateMsPerSecond: 500 }),
        dispatcherCount: 3,
        nowMs: 0,
      });
      wallet.spend(-(150 + number / 7));
      expect(wallet.askChunk().wantMs).toBeGreaterThanOrEqual(0);
    }
  });

  test("still holds what it gave back where the home was not reached, and owes what it owed", () => {
    const wallet = aFilledWallet(400);
    wallet.askChunk();
    wallet.noteUndelivered(1);
    expect(wallet.balanceMs).toBe(400);
    wallet.spend(500);
    wallet.askChunk();
    wallet.noteUndelivered(1);
    expect(wallet.balanceMs).toBe(-100);
  });

  test("does not take what a home leases that is here for the answer of the one that was asked", () => {
    const wallet = aFilledWallet(250);
    wallet.spend(300);
    wallet.askChunk();
    expect(wallet.empty()).toBe(50);
    wallet.noteLease(aLease({ grantedMs: 20 }), 1);
    expect(wallet.balanceMs).toBe(20);
    expect(wallet.isAsking).toBe(true);
    wallet.noteAnswer(aLease({ grantedMs: 250 }), 2);
    expect(wallet.balanceMs).toBe(20 + 250 + 50);
  });

  test("keeps what is spent and put back while the home is asked", () => {
    const wallet = aFilledWallet(250);
    wallet.spend(300);
    wallet.askChunk();
    wallet.spend(-20);
    wallet.noteAnswer(aLease({ grantedMs: 250 }), 1);
    expect(wallet.balanceMs).toBe(270);
  });

  test("is emptied of what it holds, or owes", () => {
    const wallet = aFilledWallet(40);
    expect(wallet.empty()).toBe(-40);
    expect(wallet.balanceMs).toBe(0);
    wallet.spend(10);
    expect(wallet.empty()).toBe(10);
    expect(wallet.empty()).toBe(0);
  });

  test("asks an empty bucket again when half a chunk has refilled", () => {
    const wallet = aFilledWallet(0);
    wallet.askChunk();
    wallet.noteAnswer(aLease({ grantedMs: 10, shortOf: "rateMsPerSecond", waitMs: 100 }), 1000);
    expect(wallet.isDue(1224)).toBe(false);
    expect(wallet.isDue(1225)).toBe(true);
  });

  test.each(["unavailable", "dailyBudgetSeconds", "monthlyBudgetSeconds"] as const)(
    "asks again after a second where it is short of %s",
    (shortOf) => {
      const wallet = aFilledWallet(0, { dailyBudgetSeconds: 100 });
      wallet.askChunk();
      wallet.noteAnswer(aLease({ shortOf, waitMs: 80_000_000 }), 0);
      expect(wallet.isDue(999)).toBe(false);
      expect(wallet.isDue(1000)).toBe(true);
    },
  );

  test("takes over another quota and another number of dispatchers", () => {
    const wallet = aFilledWallet(250);
    wallet.adjust(aQuota({ rateMsPerSecond: 4000 }), 4);
    expect(wallet.covers(500)).toBe(true);
    wallet.spend(251);
    expect(wallet.covers(500)).toBe(false);
    expect(wallet.askChunk()).toEqual({ owedMs: 1, wantMs: 500 });
  });
});

describe("createWallet() - shortage", () => {
  test("of a rate ends when the bucket has refilled enough", () => {
    const wallet = aFilledWallet(0);
    wallet.spend(30);
    wallet.askChunk();
    wallet.noteAnswer(aLease({ grantedMs: 10, shortOf: "rateMsPerSecond", waitMs: 500 }), 1000);
    expect(wallet.shortage(110, 1200)).toEqual({
      shortOf: "rateMsPerSecond",
      retryAfterMs: 300 + 100,
      balanceMs: 10,
      spentMs: 0,
    });
  });

  test("of a budget ends with its day", () => {
    const wallet = aFilledWallet(0, { dailyBudgetSeconds: 100 });
    wallet.askChunk();
    wallet.noteAnswer(aLease({ shortOf: "dailyBudgetSeconds", waitMs: 5000, spentMs: 100_000 }), 1000);
    expect(wallet.shortage(10, 2000)).toMatchObject({ retryAfterMs: 4000, spentMs: 100_000 });
  });

  test("of a lease that is on its way ends at once", () => {
    const wallet = aFilledWallet(250);
    wallet.spend(495);
    expect(wallet.covers(10)).toBe(false);
    expect(wallet.shortage(10, 0)).toMatchObject({ shortOf: "none", retryAfterMs: 20 });
  });
});

describe("createWallet() - without its home", () => {
  test("has its part of the rate", () => {
    const wallet = aFilledWallet(250);
    wallet.spend(250);
    wallet.askChunk();
    wallet.noteSilence(200);
    expect(wallet.balanceMs).toBe(100);
    wallet.askChunk();
    wallet.noteSilence(10_000);
    expect(wallet.balanceMs).toBe(250);
  });

  test("pays what it owes of its part first", () => {
    const wallet = aFilledWallet(250);
    wallet.spend(1000);
    wallet.askChunk();
    wallet.noteSilence(200);
    expect(wallet.balanceMs).toBe(-650);
    expect(wallet.shortage(50, 200)).toMatchObject({ shortOf: "rateMsPerSecond", retryAfterMs: 1400 });
  });

  test("uses up what it holds of a budget, and then cannot tell", () => {
    const wallet = aFilledWallet(100, { dailyBudgetSeconds: 100, rateMsPerSecond: 1000 });
    wallet.askChunk();
    wallet.noteSilence(250);
    expect(wallet.covers(100)).toBe(true);
    wallet.spend(100);
    wallet.noteSilence(60_000);
    expect(wallet.covers(1)).toBe(false);
    expect(wallet.shortage(1, 60_000)).toMatchObject({ shortOf: "unavailable", retryAfterMs: 1000 });
  });
});
