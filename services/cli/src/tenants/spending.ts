import type { Messaging } from "@sluice/messaging";
import { budgetRecordMaxAgeMs, buckets, decodeBudgetRecord, payerKey, type Payer } from "@sluice/protocol";

/** What a tenant or a group with a budget has spent; what dispatchers have leased counts, until they give it back. */
export interface Spending {
  /** The last UTC day on which anything was counted, `YYYY-MM-DD`. */
  readonly day: string;
  /** Worker-seconds of that day, and of its month until then. */
  readonly daySeconds: number;
  readonly monthSeconds: number;
}

/** Reads what was spent; `undefined` where nothing is counted. */
export async function readSpending(messaging: Messaging, payer: Payer): Promise<Spending | undefined> {
  const bucket = await messaging.keyValue(buckets.budgets, { maxAgeMs: budgetRecordMaxAgeMs });
  const entry = await bucket.get(payerKey(payer));
  if (entry === undefined) return undefined;
  const { day, daySpentMs, monthSpentMs } = decodeBudgetRecord(entry.value);
  return { day, daySeconds: toSeconds(daySpentMs), monthSeconds: toSeconds(monthSpentMs) };
}

/** A line for people. */
export function spendingText({ day, daySeconds, monthSeconds }: Spending): string {
  return `spent: ${daySeconds} worker-seconds on ${day} (UTC), ${monthSeconds} in its month\n`;
}

/** To the millisecond. */
function toSeconds(ms: number): number {
  return Math.round(ms) / 1000;
}
