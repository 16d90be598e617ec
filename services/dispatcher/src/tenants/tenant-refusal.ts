import { InferenceError } from "@sluice/protocol";
import type { TenantAdmission } from "./tenant-rule.ts";

/** Most models that a refusal names. */
const maxNamedModels = 20;

/** Why a tenant may not call a model; `undefined` when it may. */
export function tenantRefusal(
  admission: TenantAdmission,
  { tenant, model }: { readonly tenant: string; readonly model: string },
): InferenceError | undefined {
  switch (admission.kind) {
    case "unknown":
      return new InferenceError("permissionDenied", `tenant "${tenant}" is not known here`);
    case "unreadable":
      return new InferenceError(
        "permissionDenied",
        `nobody knows what tenant "${tenant}" may do: its record, or that of the default class, cannot be read`,
      );
    case "admitted": {
      const { models } = admission;
      if (models === undefined || models.has(model)) return undefined;
      const message = `tenant "${tenant}" may not call model "${model}"; allowed: ${listed([...models])}`;
      return new InferenceError("permissionDenied", message);
    }
  }
}

function listed(models: readonly string[]): string {
  if (models.length === 0) return "none";
  const more = models.length - maxNamedModels;
  const named = models.slice(0, maxNamedModels).join(", ");
  return more > 0 ? `${named} and ${more} more` : named;
}
