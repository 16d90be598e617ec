import {
  decodeBudgetRecord,
  decodeLeaseAsks,
  decodeLeases,
  encodeBudgetRecord,
  encodeLeaseAsks,
  encodeLeases,
} from "@sluice/protocol";
import { sample, type Sample } from "./sample.ts";

/** Quotas: what was spent, and what dispatchers tell each other. */
export const quotaSamples: readonly Sample[] = [
  sample(
    "budget-record.json",
    { day: "2026-11-22", daySpentMs: 1250.5, monthSpentMs: 80_000 },
    { encode: encodeBudgetRecord, decode: decodeBudgetRecord },
  ),
  sample(
    "lease-asks.bin",
    [
      { tenant: "acme", owedMs: 12.5, wantMs: 250 },
      { tenant: "other", owedMs: -80, wantMs: 0 },
    ],
    { encode: encodeLeaseAsks, decode: decodeLeaseAsks },
  ),
  sample(
    "leases.bin",
    [
      { tenant: "acme", grantedMs: 30, shortOf: "rateMsPerSecond", waitMs: 0, spentMs: 0 },
      { tenant: "other", grantedMs: 0, shortOf: "dailyBudgetSeconds", waitMs: 3_600_000, spentMs: 60_000.25 },
    ],
    { encode: encodeLeases, decode: decodeLeases },
  ),
];
