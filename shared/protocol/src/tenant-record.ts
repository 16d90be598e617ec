import { fields, listOf, numberFrom, oneOf, positive, token, tokenOrEmpty, wholeNumber } from "./fields.ts";
import type { Check, Fields } from "./fields.ts";
import { parseJson, toJson } from "./json.ts";
import { maxAllowedModels, maxWeight, minWeight } from "./limits.ts";
import { tenantClasses, type TenantClass } from "./tenant-class.ts";

/** What an operator grants a group of tenants, all of them together: value of KV `sluice_tenants` under `group.<group>`. */
export interface GroupRecord {
  /** Its share against the others that wait, 0.001 to 1000: those of the same class, and of a tenant those of the same group. */
  readonly weight: number;
  /** Part of each pool that it is guaranteed while it waits there, whatever weights and classes, 0 to 1; absent = none. */
  readonly minShare?: number;
  /** Most of its requests that may be with the workers of one pool at a time; absent = any number. */
  readonly maxInFlight?: number;
  /**
   * Longest queue it may have in one pool, in seconds of its own fair rate: what waits of it, in worker-seconds, divided by the
   * part of the workers that its weight gives it. Above 0; absent = any length.
   */
  readonly maxQueueSeconds?: number;
  /** Worker-milliseconds a second that it may spend in all pools together, above 0: 1000 = one worker all the time; absent = any. */
  readonly rateMsPerSecond?: number;
  /** Worker-milliseconds that it may spend at once after a pause, above 0; absent = one second of the rate. Says nothing without a rate. */
  readonly burstMs?: number;
  /** Worker-seconds that it may spend in all pools together on one UTC day, above 0; absent = any. */
  readonly dailyBudgetSeconds?: number;
  /** The same for one UTC month. */
  readonly monthlyBudgetSeconds?: number;
  /** The models that may be called, where a tenant is in a group those of both; absent = all. */
  readonly models?: readonly string[];
}

/** What an operator grants a tenant: value of KV `sluice_tenants` under `tenant.<tenant>`. */
export interface TenantRecord extends GroupRecord {
  /** Its class in every pool; absent = `normal`. */
  readonly class?: TenantClass;
  /** The group whose share it takes part in, and whose limits hold for it too; "" = none, then it stands beside the groups. */
  readonly group: string;
  /** 0 = none. */
  readonly minShare: number;
}

/** What every tenant without a record of its own is granted: value of KV `sluice_tenants` under `default`. */
export interface DefaultClassRecord extends TenantRecord {
  /** Whether tenants without a record are served at all. */
  readonly unknownTenants: "admit" | "deny";
}

/** What a tenant's record says where it says nothing. */
export const tenantRecordDefaults: TenantRecord = Object.freeze({ weight: 1, group: "", minShare: 0 });

/** What a group's record says where it says nothing, and a group without record is. */
export const groupRecordDefaults: GroupRecord = Object.freeze({ weight: 1 });

/** What the default class's record says where it says nothing, and the default class without record is: everybody is admitted. */
export const defaultClassDefaults: DefaultClassRecord = Object.freeze({
  ...tenantRecordDefaults,
  unknownTenants: "admit",
});

/** Fields that limit a tenant or a group, each a number above 0, or absent for no limit. */
const limitFields = [
  "maxQueueSeconds",
  "rateMsPerSecond",
  "burstMs",
  "dailyBudgetSeconds",
  "monthlyBudgetSeconds",
] as const;
type LimitField = (typeof limitFields)[number];

const tenantClass = oneOf(tenantClasses);
const weight = numberFrom(minWeight, maxWeight);
const part = numberFrom(0, 1);
const limit = wholeNumber(1, Number.MAX_SAFE_INTEGER);
const allowedModels = listOf(token, maxAllowedModels);
const unknownTenants = oneOf<DefaultClassRecord["unknownTenants"]>(["admit", "deny"]);

/** Writes the record as JSON, so that people can read the bucket. */
export function encodeTenantRecord(record: TenantRecord): Uint8Array {
  return toJson(tenantFields(record));
}

/** Fields that are missing have their defaults. @throws {InferenceError} `invalidArgument` for anything but a {@link TenantRecord}. */
export function decodeTenantRecord(bytes: Uint8Array): TenantRecord {
  return readTenant(fields(parseJson(bytes), "tenant record"));
}

/** Writes the record as JSON, so that people can read the bucket. */
export function encodeGroupRecord(record: GroupRecord): Uint8Array {
  return toJson(groupFields(record));
}

/** Fields that are missing have their defaults. @throws {InferenceError} `invalidArgument` for anything but a {@link GroupRecord}. */
export function decodeGroupRecord(bytes: Uint8Array): GroupRecord {
  return readGroup(fields(parseJson(bytes), "group record"));
}

/** Writes the record as JSON, so that people can read the bucket. */
export function encodeDefaultClassRecord(record: DefaultClassRecord): Uint8Array {
  return toJson({ ...tenantFields(record), unknownTenants: record.unknownTenants });
}

/** Fields that are missing have their defaults. @throws {InferenceError} `invalidArgument` for anything but a {@link DefaultClassRecord}. */
export function decodeDefaultClassRecord(bytes: Uint8Array): DefaultClassRecord {
  const record = fields(parseJson(bytes), "default class record");
  const { unknownTenants: whenUnknown } = defaultClassDefaults;
  return {
    ...readTenant(record),
    unknownTenants: present(unknownTenants, whenUnknown)(record["unknownTenants"], "unknownTenants"),
  };
}

/**
 * Writes any of these records anew with some fields changed: a field that is left out stays, even one that only a later version
 * knows; one that is `undefined` is taken away. Without a record there before, one is begun. What the fields say is not checked:
 * that is for whoever decodes it.
 * @throws {InferenceError} `invalidArgument` when `before` is not a JSON object.
 */
export function changeTenantRecord(before: Uint8Array | undefined, changes: Fields): Uint8Array {
  const record = before === undefined ? {} : fields(parseJson(before), "record");
  return toJson({ ...record, ...changes });
}

function readTenant(record: Fields): TenantRecord {
  const { group, minShare } = tenantRecordDefaults;
  const { class: granted } = record;
  return {
    ...(granted !== undefined && { class: tenantClass(granted, "class") }),
    group: present(tokenOrEmpty, group)(record["group"], "group"),
    minShare,
    ...readGroup(record),
  };
}

/** What tenants and groups have in common. */
function readGroup(record: Fields): GroupRecord {
  const { minShare, maxInFlight, models } = record;
  return {
    weight: present(weight, groupRecordDefaults.weight)(record["weight"], "weight"),
    ...(minShare !== undefined && { minShare: part(minShare, "minShare") }),
    ...(maxInFlight !== undefined && { maxInFlight: limit(maxInFlight, "maxInFlight") }),
    ...readLimits(record),
    ...(models !== undefined && { models: allowedModels(models, "models") }),
  };
}

/** Those limits that are there. */
function readLimits(record: Fields): Pick<GroupRecord, LimitField> {
  const limits: Partial<Record<LimitField, number>> = {};
  for (const name of limitFields) {
    const value = record[name];
    if (value !== undefined) limits[name] = positive(value, name);
  }
  return limits;
}

/** Makes a check take a missing field for its default. */
function present<T>(check: Check<T>, fallback: T): Check<T> {
  return (value, name) => (value === undefined ? fallback : check(value, name));
}

function tenantFields(record: TenantRecord): Fields {
  const { class: granted, group } = record;
  const { weight, ...others } = groupFields(record);
  return { class: granted, weight, group, ...others };
}

function groupFields(record: GroupRecord): Fields {
  const { weight, minShare, maxInFlight, models } = record;
  const limits = Object.fromEntries(limitFields.map((name) => [name, record[name]]));
  return { weight, minShare, maxInFlight, ...limits, models };
}
