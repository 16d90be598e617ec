import { describe, expect, test } from "vitest";
import { createBudgetReserve, type BudgetReserve } from "./budget-reserve.ts";
import { aQuota, nextMonthMs, noonMs, tomorrowMs } from "./quota.fixture.ts";

const quota = aQuota({ dailyBudgetSeconds: 20, monthlyBudgetSeconds: 500 });

const record = { day: "2026-11-22", daySpentMs: 4_000, monthSpentMs: 90_000 };

function aReserve(known = record): BudgetReserve {
  const reserve = createBudgetReserve();
  reserve.noteRead(known, noonMs);
  return reserve;
}

/** Writes what should be written, as a home does that nobody disturbs. */
function write(reserve: BudgetReserve, wallMs = noonMs): void {
  const next = reserve.nextWrite(quota, wallMs);
  if (next === undefined) return;
  reserve.noteWriting(next);
  reserve.noteWritten();
}

describe("createBudgetReserve()", () => {
  test("leases nothing before it is written as spent", () => {
    const reserve = createBudgetReserve();
    expect(reserve.nextWrite(quota, noonMs)).toBeUndefined();
    reserve.noteRead(undefined, noonMs);
    expect(reserve.leasableMs(quota, noonMs)).toBe(0);
    const first = reserve.nextWrite(quota, noonMs);
    expect(first).toEqual({
      record: { day: "2026-11-22", daySpentMs: 1000, monthSpentMs: 1000 },
      amountMs: 1000,
    });
    expect(reserve.leasableMs(quota, noonMs)).toBe(0);
    write(reserve);
    expect(reserve.leasableMs(quota, noonMs)).toBe(1000);
  });

  test("leases half a piece on credit until it was read for the first time, and owes it then", () => {
    const reserve = createBudgetReserve();
    expect(reserve.leasableMs(quota, noonMs)).toBe(500);
    reserve.take(500);
    expect(reserve.leasableMs(quota, noonMs)).toBe(0);
    expect(reserve.shortage(quota, noonMs).shortOf).toBe("pending");
    reserve.noteFailure();
    expect(reserve.leasableMs(quota, noonMs)).toBe(0);
    expect(reserve.shortage(quota, noonMs).shortOf).toBe("unavailable");
    expect(reserve.isOwed).toBe(true);
    reserve.noteRead(record, noonMs);
    expect(reserve.leasableMs(quota, noonMs)).toBe(-500);
    expect(reserve.nextWrite(quota, noonMs)).toMatchObject({ amountMs: 1500 });
  });

  test("is written up again when less than half a piece is left, and down when there are two", () => {
    const reserve = aReserve();
    write(reserve);
    reserve.take(500);
    expect(reserve.nextWrite(quota, noonMs)).toBeUndefined();
    reserve.take(1);
    expect(reserve.nextWrite(quota, noonMs)).toMatchObject({ amountMs: 501 });
    reserve.take(-1501);
    expect(reserve.nextWrite(quota, noonMs)).toBeUndefined();
    reserve.take(-1);
    expect(reserve.nextWrite(quota, noonMs)).toMatchObject({ amountMs: -1001 });
  });

  test("reserves no more than what is left, and then says which budget is spent and until when", () => {
    const reserve = aReserve({ ...record, daySpentMs: 19_400 });
    write(reserve);
    expect(reserve.leasableMs(quota, noonMs)).toBe(600);
    reserve.take(600);
    expect(reserve.nextWrite(quota, noonMs)).toBeUndefined();
    expect(reserve.shortage(quota, noonMs)).toEqual({
      shortOf: "dailyBudgetSeconds",
      waitMs: 12 * 3_600_000,
      spentMs: 20_000,
    });
  });

  test("is spent once nothing of it is in reserve any more, until the day ends or the budget is raised", () => {
    const reserve = aReserve({ ...record, daySpentMs: 19_400 });
    write(reserve);
    expect(reserve.isSpent(quota, noonMs)).toBe(false);
    reserve.take(600);
    expect(reserve.isSpent(quota, noonMs)).toBe(true);
    expect(reserve.isSpent(aQuota({ dailyBudgetSeconds: 21 }), noonMs)).toBe(false);
    expect(reserve.isSpent(aQuota({ monthlyBudgetSeconds: 90 }), noonMs)).toBe(true);
    expect(reserve.isSpent(quota, tomorrowMs)).toBe(false);
  });

  test("names the budget of the month where both are spent", () => {
    const reserve = aReserve({ ...record, daySpentMs: 20_000, monthSpentMs: 500_000 });
    expect(reserve.shortage(quota, noonMs)).toEqual({
      shortOf: "monthlyBudgetSeconds",
      waitMs: nextMonthMs - noonMs,
      spentMs: 500_000,
    });
  });

  test("writes what is owed, whatever is left", () => {
    const reserve = aReserve({ ...record, daySpentMs: 19_900 });
    reserve.take(300);
    expect(reserve.nextWrite(quota, noonMs)).toMatchObject({ amountMs: 300 });
    write(reserve);
    expect(reserve.leasableMs(quota, noonMs)).toBe(0);
    expect(reserve.nextWrite(quota, noonMs)).toBeUndefined();
  });

  test("counts nothing of yesterday today, and gives what nobody spent back to the month", () => {
    const reserve = aReserve();
    write(reserve);
    reserve.take(200);
    expect(reserve.leasableMs(quota, tomorrowMs)).toBe(0);
    expect(reserve.nextWrite(quota, tomorrowMs)).toEqual({
      record: { day: "2026-11-23", daySpentMs: 1000, monthSpentMs: 91_200 },
      amountMs: 1000,
    });
  });

  test("gives what nobody spent back to the month where the day ends while it is written", () => {
    const reserve = aReserve();
    write(reserve);
    reserve.take(600);
    const next = reserve.nextWrite(quota, tomorrowMs - 1);
    if (next !== undefined) reserve.noteWriting(next);
    expect(reserve.leasableMs(quota, tomorrowMs)).toBe(400);
    reserve.noteWritten();
    expect(reserve.leasableMs(quota, tomorrowMs)).toBe(0);
    expect(reserve.nextWrite(quota, tomorrowMs)?.record).toEqual({
      day: "2026-11-23",
      daySpentMs: 1000,
      monthSpentMs: 90_600 + 1000,
    });
  });

  test("leases nothing of what is being given back, and has it again only where that was not written", () => {
    const reserve = aReserve();
    write(reserve);
    const giveBack = (): void => {
      const next = reserve.closingWrite(noonMs);
      if (next !== undefined) reserve.noteWriting(next);
    };
    giveBack();
    expect(reserve.leasableMs(quota, noonMs)).toBe(0);
    reserve.noteUnwritten();
    expect(reserve.leasableMs(quota, noonMs)).toBe(1000);
    giveBack();
    reserve.noteFailure();
    expect(reserve.leasableMs(quota, noonMs)).toBe(0);
    expect(reserve.isEmpty).toBe(true);
  });

  test("counts what is owed since yesterday today", () => {
    const reserve = aReserve();
    reserve.take(300);
    expect(reserve.nextWrite(quota, tomorrowMs)?.record).toEqual({
      day: "2026-11-23",
      daySpentMs: 1300,
      monthSpentMs: 91_300,
    });
  });

  test("counts nothing of last month", () => {
    const reserve = aReserve();
    expect(reserve.nextWrite(quota, nextMonthMs)?.record).toEqual({
      day: "2026-12-01",
      daySpentMs: 1000,
      monthSpentMs: 1000,
    });
  });

  test("does not go back to a day that another home has ended", () => {
    const reserve = aReserve({ day: "2026-11-23", daySpentMs: 7, monthSpentMs: 90_007 });
    expect(reserve.nextWrite(quota, noonMs)?.record).toEqual({
      day: "2026-11-23",
      daySpentMs: 1007,
      monthSpentMs: 91_007,
    });
  });

  test("gives its reserve back when it closes", () => {
    const reserve = aReserve();
    expect(reserve.closingWrite(noonMs)).toBeUndefined();
    write(reserve);
    reserve.take(400);
    expect(reserve.closingWrite(noonMs)).toEqual({
      record: { day: "2026-11-22", daySpentMs: 4_400, monthSpentMs: 90_400 },
      amountMs: -600,
    });
  });

  test("keeps its reserve while the record cannot be read, and then says so", () => {
    const reserve = aReserve();
    write(reserve);
    reserve.noteFailure();
    expect(reserve.leasableMs(quota, noonMs)).toBe(1000);
    expect(reserve.nextWrite(quota, noonMs)).toBeUndefined();
    expect(reserve.shortage(quota, noonMs).shortOf).toBe("unavailable");
    reserve.noteRead({ ...record, daySpentMs: 5_000 }, noonMs);
    expect(reserve.shortage(quota, noonMs).shortOf).toBe("pending");
  });
});
