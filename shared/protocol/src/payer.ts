import { token, type Fields } from "./fields.ts";
import type { LimitHolder } from "./limit-error.ts";

/** Whose rate and budgets requests are paid from: their tenant's, or those of its group. */
export interface Payer {
  readonly of: LimitHolder;
  readonly name: string;
}

/** What tells a payer from all others, and the key of its record in KV `sluice_budgets`. No tenant is called as a group's key is. */
export function payerKey({ of, name }: Payer): string {
  return of === "tenant" ? name : `group.${name}`;
}

/** The fields of a payer in a message: `tenant` or `group`. */
export function payerFields({ of, name }: Payer): Fields {
  return { [of]: name };
}

/** @throws {InferenceError} `invalidArgument` when neither a tenant nor a group is named. */
export function readPayer({ tenant, group }: Fields): Payer {
  return group === undefined
    ? { of: "tenant", name: token(tenant, "tenant") }
    : { of: "group", name: token(group, "group") };
}
