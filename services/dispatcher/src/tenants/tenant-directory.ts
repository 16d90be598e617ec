import type { KeyValue, KeyValueEntry, KeyValueWatch } from "@sluice/messaging";
import {
  decodeDefaultClassRecord,
  decodeGroupRecord,
  decodeTenantRecord,
  parseTenantKey,
  type ParsedTenantKey,
} from "@sluice/protocol";
import type { SharePolicies } from "@sluice/scheduling";
import type { OnDispatcherEvent } from "../event.ts";
import {
  builtInGroup,
  builtInRule,
  toDefaultRule,
  toGroupRule,
  toTenantRule,
  unreadableGroup,
  unreadableRule,
  type Admission,
  type GroupRule,
  type TenantRule,
} from "./tenant-rule.ts";

/**
 * The records of the bucket `sluice_tenants` as they are now. What it gives is frozen and costs a look-up: asked for every
 * request, it makes nothing, and all tenants without a record share one object. Whoever keeps what it gave keeps the old state.
 */
export interface TenantDirectory extends SharePolicies {
  admission(tenant: string): Admission;
  /** Of the group "", which is none, as of a group without record: nothing limits it. */
  groupAdmission(group: string): Admission;
  /** Follows the bucket; resolves once every record there is was read. */
  start(): Promise<void>;
  stop(): void;
}

export interface TenantDirectoryOptions {
  /** The bucket `sluice_tenants`. */
  readonly bucket: KeyValue;
  readonly onEvent: OnDispatcherEvent;
}

export function createTenantDirectory({ bucket, onEvent }: TenantDirectoryOptions): TenantDirectory {
  const tenants = new Map<string, TenantRule>();
  const groups = new Map<string, GroupRule>();
  let defaultRule = builtInRule;
  /** Newest write seen of each key: after a lost connection every key is told again. */
  const revisions = new Map<string, number>();
  let changeCount = 0;
  let watch: KeyValueWatch | undefined;
  let hasStarted = false;

  const ruleOf = (name: string): TenantRule => tenants.get(name) ?? defaultRule;
  const groupRuleOf = (name: string): GroupRule => groups.get(name) ?? builtInGroup;

  const remove = (key: ParsedTenantKey): void => {
    if (key.kind === "tenant") tenants.delete(key.name);
    else if (key.kind === "group") groups.delete(key.name);
    else defaultRule = builtInRule;
  };

  /** @throws {InferenceError} `invalidArgument` when the record cannot be read. */
  const replace = (key: ParsedTenantKey, value: Uint8Array): void => {
    if (key.kind === "tenant") tenants.set(key.name, toTenantRule(decodeTenantRecord(value)));
    else if (key.kind === "group") groups.set(key.name, toGroupRule(decodeGroupRecord(value)));
    else defaultRule = toDefaultRule(decodeDefaultClassRecord(value));
  };

  /** For a record that nothing readable was known before: refuses whom it is about. */
  const close = (key: ParsedTenantKey): void => {
    if (key.kind === "tenant") tenants.set(key.name, unreadableRule);
    else if (key.kind === "group") groups.set(key.name, unreadableGroup);
    else defaultRule = unreadableRule;
  };

  const read = (entry: KeyValueEntry): void => {
    // Not "newer": a bucket that was lost and made anew counts from 1 again.
    if (revisions.get(entry.key) === entry.revision) return;
    revisions.set(entry.key, entry.revision);
    changeCount += 1;
    const key = parseTenantKey(entry.key);
    if (key === undefined) return;
    try {
      if (entry.isDeleted) remove(key);
      else replace(key, entry.value);
      if (hasStarted) onEvent({ type: "tenantRecordChanged", key: entry.key });
    } catch (error) {
      // Later on, what held before goes on to hold.
      if (!hasStarted) close(key);
      onEvent({ type: "tenantRecordUnreadable", key: entry.key, error });
    }
  };

  return {
    revision: () => changeCount,
    tenant: (name) => ruleOf(name).policy,
    group: (name) => groupRuleOf(name).policy,
    admission: (tenant) => ruleOf(tenant).admission,
    groupAdmission: (group) => groupRuleOf(group).admission,
    start: async () => {
      watch = await bucket.watch(read);
      hasStarted = true;
      onEvent({ type: "tenantRecordsRead", tenantCount: tenants.size, groupCount: groups.size });
    },
    stop: () => watch?.stop(),
  };
}
