import { createRefusal, type Refusal } from "@sluice/protocol";
import type { TenantDirectory } from "./tenant-directory.ts";
import { limitsOf } from "./tenant-rule.ts";

/** Most models that a refusal names. */
const maxNamedModels = 20;

interface Call {
  readonly tenant: string;
  readonly model: string;
}

/** Why a tenant may not call a model; `undefined` when it may, and its group too. */
export function tenantRefusal(
  policies: Pick<TenantDirectory, "tenant" | "admission" | "groupAdmission">,
  call: Call,
): Refusal | undefined {
  const refusal = ownRefusal(policies, call);
  const { group } = policies.tenant(call.tenant);
  return refusal ?? (group === "" ? undefined : groupRefusal(policies, { ...call, group }));
}

function ownRefusal(
  policies: Pick<TenantDirectory, "admission">,
  { tenant, model }: Call,
): Refusal | undefined {
  const admission = policies.admission(tenant);
  switch (admission.kind) {
    case "unknown":
      return denied(`tenant "${tenant}" is not known here`);
    case "unreadable":
      return denied(
        `nobody knows what tenant "${tenant}" may do: its record, or that of the default class, cannot be read`,
      );
    case "admitted": {
      const { models } = admission.limits;
      if (models === undefined || models.has(model)) return undefined;
      return denied(`tenant "${tenant}" may not call model "${model}"; allowed: ${listed(models)}`);
    }
  }
}

function groupRefusal(
  policies: Pick<TenantDirectory, "groupAdmission">,
  { tenant, model, group }: Call & { readonly group: string },
): Refusal | undefined {
  const admission = policies.groupAdmission(group);
  if (admission.kind === "unreadable") {
    return denied(
      `nobody knows what group "${group}" of tenant "${tenant}" may do: its record cannot be read`,
    );
  }
  const { models } = limitsOf(admission);
  if (models === undefined || models.has(model)) return undefined;
  return denied(
    `group "${group}" of tenant "${tenant}" may not call model "${model}"; allowed: ${listed(models)}`,
  );
}

function denied(message: string): Refusal {
  return createRefusal("permissionDenied", message);
}

function listed(models: ReadonlySet<string>): string {
  if (models.size === 0) return "none";
  const named = [...models].slice(0, maxNamedModels).join(", ");
  const more = models.size - maxNamedModels;
  return more > 0 ? `${named} and ${more} more` : named;
}
