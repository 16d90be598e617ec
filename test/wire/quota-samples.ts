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
      { of: "tenant", name: "acme", owedMs: 12.5, wantMs: 250 },
      { of: "tenant", name: "other", owedMs: -80, wantMs: 0 },
    ],
    { encode: encodeLeaseAsks, decode: decodeLeaseAsks },
  ),
  sample(
    "lease-asks-group.bin",
    [
      { of: "tenant", name: "acme", owedMs: 12.5, wantMs: 250 },
      { of: "group", name: "lab", owedMs: 0, wantMs: 500 },
    ],
    { encode: encodeLeaseAsks, decode: decodeLeaseAsks },
  ),
  sample(
    "leases.bin",
    [
      { of: "tenant", name: "acme", grantedMs: 30, shortOf: "rateMsPerSecond", waitMs: 0, spentMs: 0 },
      { of: "tenant", name: "other", grantedMs: 0, shortOf: "dailyBudgetSeconds", waitMs: 3_600_000, spentMs: 60_000.25 },
    ],
    { encode: encodeLeases, decode: decodeLeases },
  ),
  sample(
    "leases-group.bin",
    [
      { of: "tenant", name: "acme", grantedMs: 250, shortOf: "none", waitMs: 0, spentMs: 0 },
      {
        of: "group",
        name: "lab",
        grantedMs: 0,
        shortOf: "monthlyBudgetSeconds",
        waitMs: 86_400_000,
        spentMs: 3_600_000,
      },
    ],
    { encode: encodeLeases, decode: decodeLeases },
  ),
];
