import type { LimitHolder } from "@sluice/protocol";
import type { TenantDirectory } from "./tenant-directory.ts";
import { limitsOf, noLimits, type Limits } from "./tenant-rule.ts";

/** Somebody whose requests are limited. */
export interface Limited {
  readonly of: LimitHolder;
  readonly name: string;
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

const unlimited: readonly Limited[] = Object.freeze([]);
