import {
  defaultClassDefaults,
  defaultTenantClass,
  groupRecordDefaults,
  type DefaultClassRecord,
  type GroupRecord,
  type TenantRecord,
} from "@sluice/protocol";
import { toQuota, type GroupPolicy, type Quota, type TenantPolicy } from "@sluice/scheduling";

/** What a tenant that is served may do. */
export interface AdmittedTenant {
  readonly kind: "admitted";
  /** `undefined` = all. */
  readonly models: ReadonlySet<string> | undefined;
  /** Longest queue it may have in a pool, in seconds of its own fair rate; Infinity = any length. */
  readonly maxQueueSeconds: number;
  /** What it may spend in all pools together; `undefined` = anything. */
  readonly quota: Quota | undefined;
}

/** Whether a tenant is served, and what it may do. */
export type TenantAdmission =
  | AdmittedTenant
  /** It has no record, and tenants without one are denied. */
  | { readonly kind: "unknown" }
  /** Its record could not be read when the dispatcher started. */
  | { readonly kind: "unreadable" };

/** A record as the owners use it: the share for the queue, the rest for the admission. Frozen: all who have it share it. */
export interface TenantRule {
  readonly policy: TenantPolicy;
  readonly admission: TenantAdmission;
}

const admittedToAll: AdmittedTenant = Object.freeze({
  kind: "admitted",
  models: undefined,
  maxQueueSeconds: Infinity,
  quota: undefined,
});
const unknown: TenantAdmission = Object.freeze({ kind: "unknown" });

export function toGroupPolicy({ weight, maxInFlight = Infinity }: GroupRecord): GroupPolicy {
  return Object.freeze({ weight, maxInFlight });
}

export function toTenantRule(record: TenantRecord): TenantRule {
  const { class: granted = defaultTenantClass, group, weight, minShare, maxInFlight = Infinity } = record;
  const policy = Object.freeze({ class: granted, group, weight, minShare, maxInFlight });
  return Object.freeze({ policy, admission: toAdmission(record) });
}

function toAdmission(record: TenantRecord): AdmittedTenant {
  const { models, maxQueueSeconds = Infinity } = record;
  const quota = toQuota(record);
  if (models === undefined && maxQueueSeconds === Infinity && quota === undefined) return admittedToAll;
  return Object.freeze({ kind: "admitted", models: models && new Set(models), maxQueueSeconds, quota });
}

/** What limits a tenant in all pools together; `undefined` = nothing does. */
export function quotaOf(admission: TenantAdmission): Quota | undefined {
  return admission.kind === "admitted" ? admission.quota : undefined;
}

/** The rule of every tenant without a record. */
export function toDefaultRule(record: DefaultClassRecord): TenantRule {
  const rule = toTenantRule(record);
  return record.unknownTenants === "admit"
    ? rule
    : Object.freeze({ policy: rule.policy, admission: unknown });
}

/** What holds where there is no record. */
export const builtInGroup: GroupPolicy = toGroupPolicy(groupRecordDefaults);
export const builtInRule: TenantRule = toDefaultRule(defaultClassDefaults);

/** For a record that cannot be read when the dispatcher starts: nobody knows what it forbids, so nothing is allowed. */
export const unreadableRule: TenantRule = Object.freeze({
  policy: builtInRule.policy,
  admission: Object.freeze({ kind: "unreadable" }),
});
