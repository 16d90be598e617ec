import {
  decodeDefaultClassRecord,
  decodeGroupRecord,
  decodeTenantRecord,
  defaultClassDefaults,
  defaultTenantClass,
  tenantKeys,
  type DefaultClassRecord,
  type GroupRecord,
  type LimitHolder,
  type TenantRecord,
} from "@sluice/protocol";
import type { FieldOption } from "./record-flags.ts";

/** What the commands need to know of one kind of record in the bucket `sluice_tenants`. */
export interface RecordKind<T extends object> {
  readonly noun: "tenant" | "group" | "default class";
  /** Whose rate and budgets the record sets; `undefined` where it sets them for many, each for itself. */
  readonly of: LimitHolder | undefined;
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

/** What is written of a tenant and of a group. */
const sharedOptions: readonly FieldOption[] = [
  "min-share",
  "max-in-flight",
  "max-queue-seconds",
  "rate-ms-per-second",
  "burst-ms",
  "daily-budget-seconds",
  "monthly-budget-seconds",
  "models",
];
const sharedHeadings = [
  "min share",
  "max in flight",
  "max queue seconds",
  "rate ms/s",
  "burst ms",
  "daily budget s",
  "monthly budget s",
  "models",
];
const tenantOptions: readonly FieldOption[] = ["weight", "group", "class", ...sharedOptions];
const tenantHeadings = ["weight", "group", "class", ...sharedHeadings];

export const tenantKind: RecordKind<TenantRecord> = {
  noun: "tenant",
  of: "tenant",
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
  of: "group",
  isNamed: true,
  options: ["weight", ...sharedOptions],
  key: tenantKeys.group,
  decode: decodeGroupRecord,
  builtIn: undefined,
  absence: "its weight is 1, without limit",
  headings: ["weight", ...sharedHeadings],
  cells: (record) => [String(record.weight), ...sharedCells(record)],
};

export const defaultClassKind: RecordKind<DefaultClassRecord> = {
  noun: "default class",
  of: undefined,
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
  const { weight, group, class: granted = defaultTenantClass } = record;
  return [String(weight), group === "" ? "none" : group, granted, ...sharedCells(record)];
}

function sharedCells(record: GroupRecord): readonly string[] {
  const { minShare = 0, maxInFlight, maxQueueSeconds, models } = record;
  const { rateMsPerSecond, dailyBudgetSeconds, monthlyBudgetSeconds } = record;
  return [
    String(minShare),
    limitCell(maxInFlight),
    limitCell(maxQueueSeconds),
    limitCell(rateMsPerSecond),
    rateMsPerSecond === undefined ? "" : String(record.burstMs ?? rateMsPerSecond),
    limitCell(dailyBudgetSeconds),
    limitCell(monthlyBudgetSeconds),
    models === undefined ? "all" : models.join(", "),
  ];
}

function limitCell(limit: number | undefined): string {
  return limit === undefined ? "no limit" : String(limit);
}
