import {
  buckets,
  encodeTenantRecord,
  tenantKeys,
  tenantRecordDefaults,
  type TenantRecord,
} from "@sluice/protocol";
import type { Cluster } from "./cluster.ts";

/** Writes the record of a tenant, as an operator does. */
export async function setTenant(
  { nats, clock }: Cluster,
  tenant: string,
  fields: Partial<TenantRecord> = {},
): Promise<void> {
  const bucket = await nats.connect().keyValue(buckets.tenants);
  await bucket.put(tenantKeys.tenant(tenant), encodeTenantRecord({ ...tenantRecordDefaults, ...fields }));
  await clock.settle();
}
