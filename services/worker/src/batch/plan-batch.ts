import type { AdmittedRequest } from "@sluice/protocol";
import { InferenceError, splitBody, stringsOf } from "@sluice/protocol";

import type { ServedForm, ServedModel } from "../models/served-model.ts";
import type { EngineRunPlan, TensorMember, TextMember } from "./engine-run-plan.ts";
import type { LayoutPlan } from "./layout-plan.ts";
import { createLayoutPlanner } from "./layout-plan.ts";
import { groupByLength } from "./length-groups.ts";

/** A request that cannot run, and why. */
export interface RefusedRequest {
  readonly request: AdmittedRequest;
  readonly error: InferenceError;
}

/** A batch as the engine will run it. Every request of it is in exactly one run or refused. */
export interface BatchPlan {
  readonly runs: readonly EngineRunPlan[];
  readonly refused: readonly RefusedRequest[];
}

type TensorForm = Extract<ServedForm, { kind: "tensors" }>;
type TextForm = Extract<ServedForm, { kind: "text" }>;

/**
 * Prepares the requests of a batch and cuts them into runs of the engine: by form and by what can be joined. Raw tensors
 * are joined when their shapes agree apart from the batch axis; texts are grouped by length, so that padding stays bounded.
 * A model without a batch axis runs its requests one by one.
 */
export function planBatch(model: ServedModel, requests: readonly AdmittedRequest[]): BatchPlan {
  const planner = createLayoutPlanner(model.signature);
  const groups = new Map<string, Group>();
  const groupOf = new Map<LayoutPlan, Group>();
  const refused: RefusedRequest[] = [];

  const openGroup = (layout: LayoutPlan): Group => {
    const group = groups.get(layout.joinKey) ?? createGroup(formOf(model, layout));
    groups.set(layout.joinKey, group);
    groupOf.set(layout, group);
    return group;
  };
  for (const request of requests) {
    try {
      const layout = planner.plan(request);
      const group = groupOf.get(layout) ?? openGroup(layout);
      if (group.kind === "tensors") group.members.push(checkedMember(request, layout));
      else group.members.push(prepareTexts(group.form, request));
    } catch (error) {
      refused.push({ request, error: InferenceError.from(error) });
    }
  }
  const { hasBatchAxis, maxBatchSize } = model.signature;
  const maxItems = hasBatchAxis ? maxBatchSize : 1;
  return { runs: [...groups.values()].flatMap((group) => cutGroup(group, maxItems)), refused };
}

/** Requests that can go through the engine together, apart from their number and length. */
type Group =
  | { readonly kind: "tensors"; readonly form: TensorForm; readonly members: TensorMember[] }
  | { readonly kind: "text"; readonly form: TextForm; readonly members: TextMember[] };

function createGroup(form: ServedForm): Group {
  return form.kind === "tensors"
    ? { kind: "tensors", form, members: [] }
    : { kind: "text", form, members: [] };
}

function formOf(model: ServedModel, layout: LayoutPlan): ServedForm {
  const form = model.forms.get(layout.form);
  if (form === undefined) throw new Error(`${model.name} declares form ${layout.form} and does not serve it`);
  return form;
}

function cutGroup(group: Group, maxItems: number): EngineRunPlan[] {
  if (group.kind === "text") {
    const parts = groupByLength(group.members, { maxRows: maxItems });
    return parts.map((members) => ({ ...group, members }));
  }
  return cutByItems(group.members, maxItems).map((members) => ({ ...group, members }));
}

/** @throws {InferenceError} `invalidArgument` when the body does not fit its layouts: it would spoil the rows of others. */
function checkedMember(request: AdmittedRequest, layout: LayoutPlan): TensorMember {
  const { bodyBytes } = layout;
  if (bodyBytes === undefined) return { request, layout };
  let actual = 0;
  for (const chunk of request.body) actual += chunk.length;
  if (actual === bodyBytes) return { request, layout };
  throw new InferenceError(
    "invalidArgument",
    `the body has ${actual} bytes, expected ${bodyBytes} for its tensors`,
  );
}

function prepareTexts({ step, topLabels }: TextForm, request: AdmittedRequest): TextMember {
  const [tensor] = splitBody(request.inputs, request.body);
  const texts = tensor === undefined ? [] : stringsOf(tensor);
  const rows = texts.map((text) => step.prepareRow(text));
  return {
    request,
    rows,
    length: rows.reduce((longest, row) => Math.max(longest, row.length), 0),
    labelCount: topLabels?.countOf(request.parameters) ?? 0,
  };
}

/** Cuts members, in their order, so that no part has more than `maxItems`; one larger than that stands alone. */
function cutByItems(members: readonly TensorMember[], maxItems: number): TensorMember[][] {
  const parts: TensorMember[][] = [];
  let part: TensorMember[] = [];
  let items = 0;
  for (const member of members) {
    if (part.length > 0 && items + member.layout.items > maxItems) {
      parts.push(part);
      part = [];
      items = 0;
    }
    part.push(member);
    items += member.layout.items;
  }
  if (part.length > 0) parts.push(part);
  return parts;
}
