import {
  decodeDefaultClassRecord,
  decodeGroupRecord,
  decodeTenantRecord,
  encodeDefaultClassRecord,
  encodeGroupRecord,
  encodeTenantRecord,
} from "@sluice/protocol";
import { sample, type Sample } from "./sample.ts";

/** What operators grant tenants, groups and the default class. */
export const tenantSamples: readonly Sample[] = [
  sample(
    "tenant-record.json",
    { weight: 3, group: "lab", minShare: 0.2, maxInFlight: 64, models: ["scores"] },
    { encode: encodeTenantRecord, decode: decodeTenantRecord },
  ),
  sample(
    "tenant-record-queue-bound.json",
    { weight: 1, group: "", minShare: 0, maxInFlight: 8, maxQueueSeconds: 2.5, models: ["scores"] },
    { encode: encodeTenantRecord, decode: decodeTenantRecord },
  ),
  sample(
    "tenant-record-defaults.json",
    { weight: 1, group: "", minShare: 0 },
    { encode: encodeTenantRecord, decode: decodeTenantRecord },
  ),
  sample(
    "tenant-record-class.json",
    { class: "urgent", weight: 1, group: "", minShare: 0 },
    { encode: encodeTenantRecord, decode: decodeTenantRecord },
  ),
  sample(
    "group-record.json",
    { weight: 2.5, maxInFlight: 128 },
    { encode: encodeGroupRecord, decode: decodeGroupRecord },
  ),
  sample(
    "group-record-limits.json",
    {
      weight: 2,
      minShare: 0.4,
      maxInFlight: 64,
      maxQueueSeconds: 5,
      rateMsPerSecond: 4000,
      burstMs: 8000,
      dailyBudgetSeconds: 36_000,
      monthlyBudgetSeconds: 360_000,
      models: ["scores", "texts"],
    },
    { encode: encodeGroupRecord, decode: decodeGroupRecord },
  ),
  sample(
    "default-class-record.json",
    { weight: 0.5, group: "guests", minShare: 0, maxInFlight: 4, models: ["scores"], unknownTenants: "deny" },
    { encode: encodeDefaultClassRecord, decode: decodeDefaultClassRecord },
  ),
  sample(
    "tenant-record-quota.json",
    {
      weight: 1,
      group: "",
      minShare: 0,
      rateMsPerSecond: 1500,
      burstMs: 4000,
      dailyBudgetSeconds: 3600,
      monthlyBudgetSeconds: 36_000.5,
    },
    { encode: encodeTenantRecord, decode: decodeTenantRecord },
  ),
];
