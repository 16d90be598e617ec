import type { AdmittedRequest } from "@sluice/protocol";
import type { RunShape } from "@sluice/scheduling";

import type { TensorForm, TextForm } from "../models/served-model.ts";
import type { PreparedRow } from "../steps/text-step.ts";
import type { LayoutPlan } from "./layout-plan.ts";

/** Rows of one request that go through the engine together: all of them, or some where it is cut. */
export interface RunPart {
  readonly request: AdmittedRequest;
  /** The first of its rows among the request's. */
  readonly start: number;
  readonly items: number;
  /** Items of the whole request. */
  readonly requestItems: number;
  /** Elements that each of its rows has in a run, padding included; 1 where all rows have the same length. */
  readonly length: number;
  /** Elements of all its rows, without padding. */
  readonly elements: number;
  /** Results an item gets, where the form has a postprocessing step. */
  readonly resultCount: number;
}

/** Whether a part is its whole request. */
export function isWhole({ items, requestItems }: RunPart): boolean {
  return items === requestItems;
}

export interface TensorPart extends RunPart {
  readonly layout: LayoutPlan;
}

export interface TextPart extends RunPart {
  /** One prepared row for each item. */
  readonly rows: readonly PreparedRow[];
}

/** Rows of raw tensors that go through the engine together, in this order. */
export interface TensorRunPlan {
  readonly kind: "tensors";
  readonly form: TensorForm;
  readonly parts: readonly TensorPart[];
}

/** Rows of texts that go through the engine together, in this order, each padded to the longest. */
export interface TextRunPlan {
  readonly kind: "text";
  readonly form: TextForm;
  readonly parts: readonly TextPart[];
}

export type EngineRunPlan = TensorRunPlan | TextRunPlan;

/** Rows of a run along the batch axis and the length they are padded to. */
export function shapeOf({ parts }: EngineRunPlan): RunShape {
  let items = 0;
  let length = 1;
  for (const part of parts) {
    items += part.items;
    length = Math.max(length, part.length);
  }
  return { items, length };
}

/** Elements of a run's rows without padding. */
export function elementsOf({ parts }: EngineRunPlan): number {
  let elements = 0;
  for (const part of parts) elements += part.elements;
  return elements;
}

/** The requests of a run, each once. */
export function requestsOf({ parts }: EngineRunPlan): ReadonlySet<AdmittedRequest> {
  const requests = new Set<AdmittedRequest>();
  for (const { request } of parts) requests.add(request);
  return requests;
}

/** Number of requests of a run. */
export function requestCountOf(plan: EngineRunPlan): number {
  for (const part of plan.parts) if (!isWhole(part)) return requestsOf(plan).size;
  return plan.parts.length;
}

/** Gives the plan with only the parts whose request passes. */
export function keepRequests(
  plan: EngineRunPlan,
  isKept: (request: AdmittedRequest) => boolean,
): EngineRunPlan {
  return plan.kind === "text"
    ? { ...plan, parts: plan.parts.filter(({ request }) => isKept(request)) }
    : { ...plan, parts: plan.parts.filter(({ request }) => isKept(request)) };
}
