import { describe, expect, test } from "vitest";
import { decodeBudgetRecord } from "./budget-record.ts";
import { maxLeasesPerMessage } from "./limits.ts";
import { toMsgpack } from "./msgpack.ts";
import { decodeLeaseAsks, decodeLeases } from "./quota.ts";

const ask = { tenant: "acme", owedMs: 0, wantMs: 1 };
const lease = { tenant: "acme", grantedMs: 1, shortOf: "none", waitMs: 0, spentMs: 0 };

describe("decodeLeaseAsks()", () => {
  test.each([
    [{ ...ask, tenant: "a b" }, '"tenant" is "a b"'],
    [{ ...ask, owedMs: "much" }, '"owedMs" is "much", expected a finite number'],
    [{ ...ask, wantMs: -1 }, '"wantMs" is -1, expected a number of 0 or more'],
  ])("refuses %j", (wrong, message) => {
    expect(() => decodeLeaseAsks(toMsgpack({ asks: [wrong] }))).toThrow(message);
  });

  test("takes no more tenants than a message may have", () => {
    const asks = Array.from({ length: maxLeasesPerMessage + 1 }, () => ask);
    expect(() => decodeLeaseAsks(toMsgpack({ asks }))).toThrow("expected at most 256");
  });
});

describe("decodeLeases()", () => {
  test.each([
    [{ ...lease, grantedMs: -1 }, '"grantedMs" is -1'],
    [{ ...lease, shortOf: "luck" }, '"shortOf" is "luck", expected one of none, pending, unavailable'],
  ])("refuses %j", (wrong, message) => {
    expect(() => decodeLeases(toMsgpack({ leases: [wrong] }))).toThrow(message);
  });
});

describe("decodeBudgetRecord()", () => {
  test.each([
    [
      { day: "22.11.2026", daySpentMs: 0, monthSpentMs: 0 },
      '"day" is "22.11.2026", expected a day as YYYY-MM-DD',
    ],
    [{ day: "2026-11-22", daySpentMs: -1, monthSpentMs: 0 }, '"daySpentMs" is -1'],
    [{ day: "2026-11-22", daySpentMs: 0 }, '"monthSpentMs" is missing'],
  ])("refuses %j", (wrong, message) => {
    expect(() => decodeBudgetRecord(new TextEncoder().encode(JSON.stringify(wrong)))).toThrow(message);
  });
});
