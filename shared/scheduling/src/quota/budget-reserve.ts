import type { BudgetRecord, Lease } from "@sluice/protocol";
import { monthOf, untilNextDayMs, untilNextMonthMs, utcDay } from "./calendar.ts";
import { pieceMs, type Quota } from "./quota.ts";

/** A record to write in place of the one that was read or written last. */
export interface BudgetWrite {
  readonly record: BudgetRecord;
  /** By how much it says more was spent; below 0 = less. */
  readonly amountMs: number;
}

/** Why nothing can be leased of a budget. */
export type BudgetShortage = Pick<Lease, "shortOf" | "waitMs" | "spentMs">;

/**
 * The budgets of a payer at its home. What may be leased is the reserve: what the record says was spent and nobody has spent yet. So the
 * record is written before anything is leased, and a home that dies loses its reserve and never lets more be spent.
 *
 * All times are wall time. A day or month that ended takes its reserve along: what is spent later counts in the later one.
 */
export interface BudgetReserve {
  /**
   * Worker-milliseconds that may be leased now; below 0 = spent and not written yet. Until the record was read for the first time,
   * half a piece is on credit, where there is any.
   */
  leasableMs(quota: Quota, wallMs: number): number;
  /** Whether more was spent than the record says. */
  readonly isOwed: boolean;
  /** Whether all that the record says was spent. */
  readonly isEmpty: boolean;
  /** Whether no more may be spent in this day, or month: of the budget not even a reserve is left. */
  isSpent(quota: Quota, wallMs: number): boolean;
  /** Takes worker-milliseconds out of the reserve, or puts some back where they are below 0. */
  take(costMs: number): void;
  /** Why nothing can be leased, once {@link leasableMs} is 0 or below. */
  shortage(quota: Quota, wallMs: number): BudgetShortage;
  /** What should be written now; `undefined` = nothing, or the record is not known. */
  nextWrite(quota: Quota, wallMs: number): BudgetWrite | undefined;
  /** What gives the whole reserve back, or writes what is owed. */
  closingWrite(wallMs: number): BudgetWrite | undefined;
  /** Notes the record as it is now; `undefined` = there is none. */
  noteRead(record: BudgetRecord | undefined, wallMs: number): void;
  /** Notes that this is being written: what it gives back cannot be leased any more. Ends with one of the next three. */
  noteWriting(write: BudgetWrite): void;
  noteWritten(): void;
  /** Notes that this was certainly not written. */
  noteUnwritten(): void;
  /**
   * Notes that the record could not be read or written: it is not known any more. What was being written is lost, whether it was
   * written or not: it is never spent twice.
   */
  noteFailure(): void;
}

export interface BudgetReserveOptions {
  /** Whether anything is on credit until the record was read; default true. Not where the budget is known to have been spent. */
  readonly hasCredit?: boolean;
}

export function createBudgetReserve({ hasCredit = true }: BudgetReserveOptions = {}): BudgetReserve {
  let record: BudgetRecord | undefined;
  let reserveMs = 0;
  let wasRead = false;
  let hasFailed = false;
  let writing: BudgetWrite | undefined;

  /**
   * Begins a new day, and month, once what is being written is. Clocks of two homes may differ: a period that one of them began is
   * not left again.
   */
  const roll = (wallMs: number): void => {
    const today = utcDay(wallMs);
    if (record === undefined || writing !== undefined || record.day >= today) return;
    const unspentMs = Math.max(0, reserveMs);
    const isSameMonth = monthOf(record.day) === monthOf(today);
    const monthSpentMs = isSameMonth ? Math.max(0, record.monthSpentMs - unspentMs) : 0;
    record = { day: today, daySpentMs: 0, monthSpentMs };
    reserveMs -= unspentMs;
  };

  const writeOf = (amountMs: number): BudgetWrite | undefined => {
    if (record === undefined || amountMs === 0) return undefined;
    const { day, daySpentMs, monthSpentMs } = record;
    return {
      record: {
        day,
        daySpentMs: Math.max(0, daySpentMs + amountMs),
        monthSpentMs: Math.max(0, monthSpentMs + amountMs),
      },
      amountMs,
    };
  };

  return {
    leasableMs: (quota, wallMs) => {
      roll(wallMs);
      return reserveMs + (wasRead || !hasCredit ? 0 : pieceMs(quota) / 2);
    },
    get isOwed() {
      return reserveMs < 0;
    },
    get isEmpty() {
      return reserveMs === 0;
    },
    isSpent: ({ dailyBudgetMs, monthlyBudgetMs }, wallMs) => {
      roll(wallMs);
      if (record === undefined) return false;
      const { daySpentMs, monthSpentMs } = record;
      return daySpentMs - reserveMs >= dailyBudgetMs || monthSpentMs - reserveMs >= monthlyBudgetMs;
    },
    take: (costMs) => {
      reserveMs -= costMs;
    },
    shortage: (quota, wallMs) => {
      roll(wallMs);
      if (hasFailed) return { shortOf: "unavailable", waitMs: 0, spentMs: 0 };
      if (record === undefined) return { shortOf: "pending", waitMs: 0, spentMs: 0 };
      const { daySpentMs, monthSpentMs } = record;
      if (monthSpentMs >= quota.monthlyBudgetMs) {
        const waitMs = untilNextMonthMs(wallMs);
        return { shortOf: "monthlyBudgetSeconds", waitMs, spentMs: monthSpentMs };
      }
      if (daySpentMs >= quota.dailyBudgetMs) {
        return { shortOf: "dailyBudgetSeconds", waitMs: untilNextDayMs(wallMs), spentMs: daySpentMs };
      }
      return { shortOf: "pending", waitMs: 0, spentMs: 0 };
    },
    nextWrite: (quota, wallMs) => {
      roll(wallMs);
      if (record === undefined) return undefined;
      const targetMs = pieceMs(quota);
      if (reserveMs >= targetMs / 2 && reserveMs <= 2 * targetMs) return undefined;
      const { daySpentMs, monthSpentMs } = record;
      const leftMs = Math.min(quota.dailyBudgetMs - daySpentMs, quota.monthlyBudgetMs - monthSpentMs);
      // What is owed was spent already: it is written whatever is left.
      const mostMs = Math.max(0, leftMs, -reserveMs);
      return writeOf(Math.min(targetMs - reserveMs, mostMs));
    },
    closingWrite: (wallMs) => {
      roll(wallMs);
      return writeOf(-reserveMs);
    },
    noteRead: (read, wallMs) => {
      record = read ?? { day: utcDay(wallMs), daySpentMs: 0, monthSpentMs: 0 };
      wasRead = true;
      hasFailed = false;
      roll(wallMs);
    },
    noteWriting: (write) => {
      writing = write;
      reserveMs += Math.min(0, write.amountMs);
    },
    noteWritten: () => {
      if (writing !== undefined) {
        record = writing.record;
        reserveMs += Math.max(0, writing.amountMs);
      }
      writing = undefined;
      hasFailed = false;
    },
    noteUnwritten: () => {
      reserveMs -= Math.min(0, writing?.amountMs ?? 0);
      writing = undefined;
    },
    noteFailure: () => {
      record = undefined;
      writing = undefined;
      hasFailed = true;
    },
  };
}
