import type { AdmittedRequest } from "@sluice/protocol";
import { InferenceError, splitBody, stringsOf } from "@sluice/protocol";

import type { ServedForm, ServedModel } from "../models/served-model.ts";
import type { EngineRunPlan, TensorMember, TextMember } from "./engine-run-plan.ts";
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
  const tensorGroups = new Map<string, TensorGroup>();
  const textGroups = new Map<TextForm, TextMember[]>();
  const refused: RefusedRequest[] = [];

  const add = (request: AdmittedRequest): void => {
    const layout = planner.plan(request);
    const form = model.forms.get(layout.form);
    if (form?.kind === "tensors") {
      checkBodyBytes(request, layout.bodyBytes);
      addTo(tensorGroups, layout.joinKey, () => ({ form, members: [] })).members.push({ request, layout });
    } else if (form !== undefined) {
      const member = prepareTexts(form, request);
      addTo(textGroups, form, () => []).push(member);
    }
  };
  for (const request of requests) {
    try {
      add(request);
    } catch (error) {
      refused.push({ request, error: InferenceError.from(error) });
    }
  }

  const { hasBatchAxis, maxBatchSize } = model.signature;
  const maxItems = hasBatchAxis ? maxBatchSize : 1;
  const runs: EngineRunPlan[] = [];
  for (const { form, members } of tensorGroups.values()) {
    for (const part of cutByItems(members, maxItems)) runs.push({ kind: "tensors", form, members: part });
  }
  for (const [form, members] of textGroups) {
    for (const part of groupByLength(members, { maxRows: maxItems }))
      runs.push({ kind: "text", form, members: part });
  }
  return { runs, refused };
}

interface TensorGroup {
  readonly form: TensorForm;
  readonly members: TensorMember[];
}

function addTo<K, V>(map: Map<K, V>, key: K, create: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const created = create();
  map.set(key, created);
  return created;
}

/** Keeps a request whose body does not fit its layouts from spoiling the rows of others. */
function checkBodyBytes(request: AdmittedRequest, expected: number | undefined): void {
  if (expected === undefined) return;
  const actual = request.body.reduce((total, chunk) => total + chunk.byteLength, 0);
  if (actual === expected) return;
  throw new InferenceError(
    "invalidArgument",
    `the body has ${actual} bytes, expected ${expected} for its tensors`,
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
