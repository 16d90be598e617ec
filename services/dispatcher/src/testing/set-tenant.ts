import {
  buckets,
  encodeGroupRecord,
  encodeTenantRecord,
  groupRecordDefaults,
  tenantKeys,
  tenantRecordDefaults,
  type GroupRecord,
  type TenantRecord,
} from "@sluice/protocol";
import type { Cluster } from "./cluster.ts";

/** Writes the record of a tenant, as an operator does. */
export async function setTenant(
  cluster: Cluster,
  tenant: string,
  fields: Partial<TenantRecord> = {},
): Promise<void> {
  await put(cluster, tenantKeys.tenant(tenant), encodeTenantRecord({ ...tenantRecordDefaults, ...fields }));
}

/** Writes the record of a group. */
export async function setGroup(
  cluster: Cluster,
  group: string,
  fields: Partial<GroupRecord> = {},
): Promise<void> {
  await put(cluster, tenantKeys.group(group), encodeGroupRecord({ ...groupRecordDefaults, ...fields }));
}

async function put({ nats, clock }: Cluster, key: string, value: Uint8Array): Promise<void> {
  const bucket = await nats.connect().keyValue(buckets.tenants);
  await bucket.put(key, value);
  await clock.settle();
}
