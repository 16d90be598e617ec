import {
  defaultClassDefaults,
  defaultTenantClass,
  groupRecordDefaults,
  type DefaultClassRecord,
  type GroupRecord,
  type TenantRecord,
} from "@sluice/protocol";
import { toQuota, type GroupPolicy, type Quota, type TenantPolicy } from "@sluice/scheduling";

/** What limits the requests of a tenant, or those of all tenants of a group together. */
export interface Limits {
  /** `undefined` = all. */
  readonly models: ReadonlySet<string> | undefined;
  /** Longest queue it may have in a pool, in seconds of its own fair rate; Infinity = any length. */
  readonly maxQueueSeconds: number;
  /** What it may spend in all pools together; `undefined` = anything. */
  readonly quota: Quota | undefined;
}

/** Whether a tenant, or a group, is served, and what limits it. */
export type Admission =
  | { readonly kind: "admitted"; readonly limits: Limits }
  /** It has no record, and tenants without one are denied. */
  | { readonly kind: "unknown" }
  /** Its record could not be read when the dispatcher started. */
  | { readonly kind: "unreadable" };

/** A record as the owners use it: the share for the queue, the rest for the admission. Frozen: all who have it share it. */
interface Rule<Policy> {
  readonly policy: Policy;
  readonly admission: Admission;
}
export type TenantRule = Rule<TenantPolicy>;
export type GroupRule = Rule<GroupPolicy>;

/** Where nothing limits; there is one such object, so that it can be told from others. */
export const noLimits: Limits = Object.freeze({
  models: undefined,
  maxQueueSeconds: Infinity,
  quota: undefined,
});

const admittedToAll: Admission = Object.freeze({ kind: "admitted", limits: noLimits });
const unknown: Admission = Object.freeze({ kind: "unknown" });
const unreadable: Admission = Object.freeze({ kind: "unreadable" });

export function toGroupRule(record: GroupRecord): GroupRule {
  const { weight, minShare = 0, maxInFlight = Infinity } = record;
  const policy = Object.freeze({ weight, minShare, maxInFlight });
  return Object.freeze({ policy, admission: toAdmission(record) });
}

export function toTenantRule(record: TenantRecord): TenantRule {
  const { class: granted = defaultTenantClass, group, weight, minShare, maxInFlight = Infinity } = record;
  const policy = Object.freeze({ class: granted, group, weight, minShare, maxInFlight });
  return Object.freeze({ policy, admission: toAdmission(record) });
}

function toAdmission(record: GroupRecord): Admission {
  const { models, maxQueueSeconds = Infinity } = record;
  const quota = toQuota(record);
  if (models === undefined && maxQueueSeconds === Infinity && quota === undefined) return admittedToAll;
  const limits = Object.freeze({ models: models && new Set(models), maxQueueSeconds, quota });
  return Object.freeze({ kind: "admitted", limits });
}

/** What limits a tenant or a group that is served; nothing limits one that is not. */
export function limitsOf(admission: Admission): Limits {
  return admission.kind === "admitted" ? admission.limits : noLimits;
}

/** The rule of every tenant without a record. */
export function toDefaultRule(record: DefaultClassRecord): TenantRule {
  const rule = toTenantRule(record);
  return record.unknownTenants === "admit"
    ? rule
    : Object.freeze({ policy: rule.policy, admission: unknown });
}

/** What holds where there is no record. */
export const builtInGroup: GroupRule = toGroupRule(groupRecordDefaults);
export const builtInRule: TenantRule = toDefaultRule(defaultClassDefaults);

/** For records that cannot be read when the dispatcher starts: nobody knows what they forbid, so nothing is allowed. */
export const unreadableRule: TenantRule = Object.freeze({
  policy: builtInRule.policy,
  admission: unreadable,
});
export const unreadableGroup: GroupRule = Object.freeze({
  policy: builtInGroup.policy,
  admission: unreadable,
});
