import {
  decodeDefaultClassRecord,
  decodeGroupRecord,
  decodeTenantRecord,
  defaultClassDefaults,
  defaultTenantClass,
  tenantKeys,
  type DefaultClassRecord,
  type GroupRecord,
  type TenantRecord,
} from "@sluice/protocol";
import type { FieldOption } from "./record-flags.ts";

/** What the commands need to know of one kind of record in the bucket `sluice_tenants`. */
export interface RecordKind<T extends object> {
  readonly noun: "tenant" | "group" | "default class";
  /** Whether there are many of them, told apart by names. */
  readonly isNamed: boolean;
  /** What is written there, by the options that write it. */
  readonly options: readonly FieldOption[];
  /** @throws {InferenceError} `invalidArgument` when the name is not a token. */
  key(name: string): string;
  /** @throws {InferenceError} `invalidArgument` naming field, value and what was expected. */
  decode(bytes: Uint8Array): T;
  /** What `get` prints where there is no record; `undefined` = it fails with {@link RecordKind.absence}. */
  readonly builtIn: T | undefined;
  /** What it means that there is no record. */
  readonly absence: string;
  /** Columns of a table for people, without that of the name. */
  readonly headings: readonly string[];
  cells(record: T): readonly string[];
}

const tenantOptions: readonly FieldOption[] = [
  "weight",
  "group",
  "class",
  "min-share",
  "max-in-flight",
  "max-queue-seconds",
  "rate-ms-per-second",
  "burst-ms",
  "daily-budget-seconds",
  "monthly-budget-seconds",
  "models",
];
const tenantHeadings = [
  "weight",
  "group",
  "class",
  "min share",
  "max in flight",
  "max queue seconds",
  "rate ms/s",
  "burst ms",
  "daily budget s",
  "monthly budget s",
  "models",
];

export const tenantKind: RecordKind<TenantRecord> = {
  noun: "tenant",
  isNamed: true,
  options: tenantOptions,
  key: tenantKeys.tenant,
  decode: decodeTenantRecord,
  builtIn: undefined,
  absence: "it is of the default class",
  headings: tenantHeadings,
  cells: tenantCells,
};

export const groupKind: RecordKind<GroupRecord> = {
  noun: "group",
  isNamed: true,
  options: ["weight", "min-share", "max-in-flight", "max-queue-seconds", "models"],
  key: tenantKeys.group,
  decode: decodeGroupRecord,
  builtIn: undefined,
  absence: "its weight is 1, without limit",
  headings: ["weight", "min share", "max in flight", "max queue seconds", "models"],
  cells: ({ weight, minShare = 0, maxInFlight, maxQueueSeconds, models }) => [
    String(weight),
    String(minShare),
    limitCell(maxInFlight),
    limitCell(maxQueueSeconds),
    modelsCell(models),
  ],
};

export const defaultClassKind: RecordKind<DefaultClassRecord> = {
  noun: "default class",
  isNamed: false,
  options: [...tenantOptions, "unknown-tenants"],
  key: tenantKeys.defaultClass,
  decode: decodeDefaultClassRecord,
  builtIn: defaultClassDefaults,
  absence: "everybody is admitted, with weight 1",
  headings: [...tenantHeadings, "unknown tenants"],
  cells: (record) => [...tenantCells(record), record.unknownTenants],
};

function tenantCells(record: TenantRecord): readonly string[] {
  const { weight, group, minShare, models } = record;
  const { maxInFlight, maxQueueSeconds, rateMsPerSecond, dailyBudgetSeconds, monthlyBudgetSeconds } = record;
  return [
    String(weight),
    group === "" ? "none" : group,
    record.class ?? defaultTenantClass,
    String(minShare),
    limitCell(maxInFlight),
    limitCell(maxQueueSeconds),
    limitCell(rateMsPerSecond),
    rateMsPerSecond === undefined ? "" : String(record.burstMs ?? rateMsPerSecond),
    limitCell(dailyBudgetSeconds),
    limitCell(monthlyBudgetSeconds),
    modelsCell(models),
  ];
}

function modelsCell(models: readonly string[] | undefined): string {
  return models === undefined ? "all" : models.join(", ");
}

function limitCell(limit: number | undefined): string {
  return limit === undefined ? "no limit" : String(limit);
}
