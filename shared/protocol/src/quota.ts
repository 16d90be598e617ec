import { amount, fields, finite, listOf, oneOf, type Fields } from "./fields.ts";
import { maxLeasesPerMessage } from "./limits.ts";
import { fromMsgpack, toMsgpack } from "./msgpack.ts";
import { payerFields, readPayer, type Payer } from "./payer.ts";

/** What a dispatcher says and wants of the rate and budgets of one payer: row of a message on `quota.<dispatcher>`. */
export interface LeaseAsk extends Payer {
  /** Spent beyond what was leased, in worker-milliseconds; below 0 = leased and given back. */
  readonly owedMs: number;
  /** Worker-milliseconds it wants to lease. */
  readonly wantMs: number;
}

/**
 * Why less was leased than was wanted. `none`: it was not less. `pending`: the budget is being read or written. `unavailable`: it
 * cannot be read or written now. The others are the fields of the payer's record.
 */
export type LeaseShortage =
  "none" | "pending" | "unavailable" | "rateMsPerSecond" | "dailyBudgetSeconds" | "monthlyBudgetSeconds";

/** What the home of a payer leases: row of the answer. */
export interface Lease extends Payer {
  /** Worker-milliseconds that may be spent, 0 to what was wanted. */
  readonly grantedMs: number;
  readonly shortOf: LeaseShortage;
  /** Time until there may be something to lease again, in milliseconds; 0 = now, or not known. */
  readonly waitMs: number;
  /** What was spent of the budget it is short of, in worker-milliseconds; 0 where it is not a budget. */
  readonly spentMs: number;
}

const shortage = oneOf<LeaseShortage>([
  "none",
  "pending",
  "unavailable",
  "rateMsPerSecond",
  "dailyBudgetSeconds",
  "monthlyBudgetSeconds",
]);
const asks = listOf(readAsk, maxLeasesPerMessage);
const leases = listOf(readLease, maxLeasesPerMessage);

export function encodeLeaseAsks(content: readonly LeaseAsk[]): Uint8Array {
  return toMsgpack({ asks: content.map(toRow) });
}

/** @throws {InferenceError} `invalidArgument` for anything but at most {@link maxLeasesPerMessage} {@link LeaseAsk}s. */
export function decodeLeaseAsks(bytes: Uint8Array): readonly LeaseAsk[] {
  return asks(fields(fromMsgpack(bytes), "lease asks")["asks"], "asks");
}

export function encodeLeases(content: readonly Lease[]): Uint8Array {
  return toMsgpack({ leases: content.map(toRow) });
}

/** @throws {InferenceError} `invalidArgument` for anything but at most {@link maxLeasesPerMessage} {@link Lease}s. */
export function decodeLeases(bytes: Uint8Array): readonly Lease[] {
  return leases(fields(fromMsgpack(bytes), "leases")["leases"], "leases");
}

function toRow({ of, name, ...amounts }: LeaseAsk | Lease): Fields {
  return { ...payerFields({ of, name }), ...amounts };
}

function readAsk(value: unknown, name: string): LeaseAsk {
  const ask = fields(value, name);
  return {
    ...readPayer(ask),
    owedMs: finite(ask["owedMs"], "owedMs"),
    wantMs: amount(ask["wantMs"], "wantMs"),
  };
}

function readLease(value: unknown, name: string): Lease {
  const lease = fields(value, name);
  return {
    ...readPayer(lease),
    grantedMs: amount(lease["grantedMs"], "grantedMs"),
    shortOf: shortage(lease["shortOf"], "shortOf"),
    waitMs: amount(lease["waitMs"], "waitMs"),
    spentMs: amount(lease["spentMs"], "spentMs"),
  };
}
