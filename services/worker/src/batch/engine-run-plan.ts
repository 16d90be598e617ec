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

/** Requests that go through the engine together, in the order of their rows. */
export type EngineRunPlan =
  | { readonly form: Extract<ServedForm, { kind: "tensors" }>; readonly members: readonly TensorMember[] }
  | { readonly form: Extract<ServedForm, { kind: "text" }>; readonly members: readonly TextMember[] };
