import { token } from "./fields.ts";
import { isToken } from "./token.ts";

/**
 * Builds the keys of the bucket `sluice_tenants`.
 * @throws {InferenceError} `invalidArgument` when a name is not a token.
 */
export const tenantKeys = {
  tenant: (name: string) => `tenant.${token(name, "tenant")}`,
  group: (name: string) => `group.${token(name, "group")}`,
  /** The default class: tenants without a record of their own. A dot is missing, so no tenant's name can mean it. */
  defaultClass: () => "default",
} as const;

/** Whose record lies under a key. */
export type ParsedTenantKey =
  { readonly kind: "tenant" | "group"; readonly name: string } | { readonly kind: "defaultClass" };

/** Takes a key apart; `undefined` for whatever {@link tenantKeys} cannot have built: a later version may keep more here. */
export function parseTenantKey(key: string): ParsedTenantKey | undefined {
  if (key === tenantKeys.defaultClass()) return { kind: "defaultClass" };
  const [kind, name, ...more] = key.split(".");
  if ((kind !== "tenant" && kind !== "group") || !isToken(name) || more.length > 0) return undefined;
  return { kind, name };
}
