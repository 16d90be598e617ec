import type { AdmittedRequest } from "@sluice/protocol";

import type { ServedForm } from "../models/served-model.ts";
import type { PreparedRow } from "../steps/text-step.ts";
import type { LayoutPlan } from "./layout-plan.ts";

/** A request with raw tensors, ready to be joined. */
export interface TensorMember {
  readonly request: AdmittedRequest;
  readonly layout: LayoutPlan;
}

/** A request with texts, ready to be joined. */
export interface TextMember {
  readonly request: AdmittedRequest;
  /** One prepared row for each of its items. */
  readonly rows: readonly PreparedRow[];
  /** Length of its longest row. */
  readonly length: number;
  /** Labels an item gets, where the form picks labels. */
  readonly labelCount: number;
}

/** Requests with raw tensors that go through the engine together, in the order of their rows. */
export interface TensorRunPlan {
  readonly kind: "tensors";
  readonly form: Extract<ServedForm, { kind: "tensors" }>;
  readonly members: readonly TensorMember[];
}

/** Requests with texts that go through the engine together, in the order of their rows. */
export interface TextRunPlan {
  readonly kind: "text";
  readonly form: Extract<ServedForm, { kind: "text" }>;
  readonly members: readonly TextMember[];
}

export type EngineRunPlan = TensorRunPlan | TextRunPlan;

/** Rows of a run along the batch axis. */
export function itemsOf(plan: EngineRunPlan): number {
  let items = 0;
  if (plan.kind === "text") for (const { rows } of plan.members) items += rows.length;
  else for (const { layout } of plan.members) items += layout.items;
  return items;
}

/** Gives the plan with only the members whose request passes. */
export function keepMembers(
  plan: EngineRunPlan,
  isKept: (request: AdmittedRequest) => boolean,
): EngineRunPlan {
  return plan.kind === "text"
    ? { ...plan, members: plan.members.filter(({ request }) => isKept(request)) }
    : { ...plan, members: plan.members.filter(({ request }) => isKept(request)) };
}
