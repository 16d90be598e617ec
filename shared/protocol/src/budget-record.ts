import { amount, fields, wrongField } from "./fields.ts";
import { parseJson, toJson } from "./json.ts";

/** What a tenant or a group spent of its budgets: value of KV `sluice_budgets` under its `payerKey`. Leases count as spent until they are given back. */
export interface BudgetRecord {
  /** The UTC day of the last write, `YYYY-MM-DD`; the month is that of the day. */
  readonly day: string;
  /** Spent on that day, in worker-milliseconds. */
  readonly daySpentMs: number;
  /** Spent in its month. */
  readonly monthSpentMs: number;
}

const dayPattern = /^\d{4}-\d{2}-\d{2}$/;

/** Writes the record as JSON, so that people can read the bucket. */
export function encodeBudgetRecord({ day, daySpentMs, monthSpentMs }: BudgetRecord): Uint8Array {
  return toJson({ day, daySpentMs, monthSpentMs });
}

/** @throws {InferenceError} `invalidArgument` for anything but a {@link BudgetRecord}. */
export function decodeBudgetRecord(bytes: Uint8Array): BudgetRecord {
  const record = fields(parseJson(bytes), "budget record");
  const day = record["day"];
  if (typeof day !== "string" || !dayPattern.test(day)) throw wrongField("day", day, "a day as YYYY-MM-DD");
  return {
    day,
    daySpentMs: amount(record["daySpentMs"], "daySpentMs"),
    monthSpentMs: amount(record["monthSpentMs"], "monthSpentMs"),
  };
}
