import type { Payer } from "@sluice/protocol";
import type { Quota } from "@sluice/scheduling";
import type { TenantDirectory } from "./tenant-directory.ts";
import { limitsOf, noLimits, type Limits } from "./tenant-rule.ts";

/** Somebody whose requests are limited. */
export interface Limited extends Payer {
  readonly limits: Limits;
}

/** Those who limit the requests of a tenant: itself and its group, where they do. */
export function limitedBy(
  policies: Pick<TenantDirectory, "tenant" | "admission" | "groupAdmission">,
  tenant: string,
): readonly Limited[] {
  const { group } = policies.tenant(tenant);
  const own = limitsOf(policies.admission(tenant));
  const ofGroup = limitsOf(policies.groupAdmission(group));
  if (own === noLimits && ofGroup === noLimits) return unlimited;
  const all: readonly Limited[] = [
    { of: "tenant", name: tenant, limits: own },
    { of: "group", name: group, limits: ofGroup },
  ];
  return all.filter(({ limits }) => limits !== noLimits);
}

/** What limits a payer in all pools together; `undefined` = nothing does. */
export function quotaOf(
  policies: Pick<TenantDirectory, "admission" | "groupAdmission">,
  { of, name }: Payer,
): Quota | undefined {
  return limitsOf(of === "tenant" ? policies.admission(name) : policies.groupAdmission(name)).quota;
}

const unlimited: readonly Limited[] = Object.freeze([]);
