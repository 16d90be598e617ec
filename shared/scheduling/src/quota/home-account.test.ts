import { describe, expect, test } from "vitest";
import { createHomeAccount } from "./home-account.ts";
import { aQuota, noonMs } from "./quota.fixture.ts";

const noon = { monotonicMs: 0, wallMs: noonMs };
const rate = aQuota({ rateMsPerSecond: 1000 });
const both = aQuota({ rateMsPerSecond: 1000, dailyBudgetSeconds: 2 });

describe("createHomeAccount()", () => {
  test("leases what is wanted while the bucket has it, and what there is then", () => {
    const account = createHomeAccount();
    const all = { grantedMs: 900, shortOf: "none", waitMs: 0, spentMs: 0 };
    expect(account.lease(rate, { owedMs: 0, wantMs: 900 }, noon)).toEqual(all);
    const rest = { grantedMs: 100, shortOf: "rateMsPerSecond", waitMs: 0, spentMs: 0 };
    expect(account.lease(rate, { owedMs: 0, wantMs: 900 }, noon)).toEqual(rest);
  });

  test("books what is owed first, and says how long nothing can be leased for it", () => {
    const account = createHomeAccount();
    expect(account.lease(rate, { owedMs: 3000, wantMs: 10 }, noon)).toEqual({
      grantedMs: 0,
      shortOf: "rateMsPerSecond",
      waitMs: 2000,
      spentMs: 0,
    });
    expect(account.isFull(rate, { ...noon, monotonicMs: 2999 })).toBe(false);
    expect(account.isFull(rate, { ...noon, monotonicMs: 3000 })).toBe(true);
  });

  test("leases again what was given back", () => {
    const account = createHomeAccount();
    account.lease(rate, { owedMs: 0, wantMs: 1000 }, noon);
    expect(account.lease(rate, { owedMs: -400, wantMs: 1000 }, noon).grantedMs).toBe(400);
  });

  test("leases no more than the budget has in reserve, and takes it from the rate too", () => {
    const account = createHomeAccount();
    const ask = { owedMs: 0, wantMs: 250 };
    expect(account.lease(both, ask, noon)).toMatchObject({ grantedMs: 50, shortOf: "pending" });
    expect(account.lease(both, ask, noon)).toMatchObject({ grantedMs: 0, shortOf: "pending" });
    expect(account.isFull(both, { ...noon, monotonicMs: 60_000 })).toBe(false);
    account.budget.noteRead(undefined, noon.wallMs);
    const write = account.budget.nextWrite(both, noon.wallMs);
    if (write !== undefined) account.budget.noteWriting(write);
    account.budget.noteWritten();
    expect(account.lease(both, ask, noon)).toMatchObject({ grantedMs: 100, shortOf: "pending" });
    expect(account.lease(rate, { owedMs: 0, wantMs: 1000 }, noon).grantedMs).toBe(850);
    expect(account.isFull(both, { ...noon, monotonicMs: 60_000 })).toBe(true);
  });

  test("leases nothing of a budget that is known to be spent before it has read how much", () => {
    const account = createHomeAccount({ hasCredit: false });
    const ask = { owedMs: 0, wantMs: 100 };
    expect(account.lease(both, ask, noon)).toMatchObject({ grantedMs: 0, shortOf: "pending" });
    expect(createHomeAccount().lease(both, ask, noon)).toMatchObject({ grantedMs: 50 });
  });
});
