import type { AdmittedRequest } from "@sluice/protocol";
import { InferenceError } from "@sluice/protocol";
import { groupByLength, type RunShape } from "@sluice/scheduling";

import type { ServedForm, ServedModel, TensorForm, TextForm } from "../models/served-model.ts";
import type { EngineRunPlan, RunPart, TensorPart, TextPart } from "./engine-run-plan.ts";
import type { LayoutPlan } from "./layout-plan.ts";
import { createLayoutPlanner } from "./layout-plan.ts";
import type { PartGroup } from "./request-parts.ts";
import { addTensors, addTexts } from "./request-parts.ts";

/** A request that cannot run, and why. */
export interface RefusedRequest {
  readonly request: AdmittedRequest;
  readonly error: InferenceError;
}

/** What of a batch the engine will run. */
export interface BatchPlan {
  /** The most urgent first. */
  readonly runs: readonly EngineRunPlan[];
  readonly refused: readonly RefusedRequest[];
}

/**
 * Prepares the requests of a batch and cuts them into runs of the engine: by form and by what can be joined. Raw tensors are joined
 * when their shapes agree apart from the batch axis, and never padded; texts are grouped by length, so that all runs together take
 * the least time. A request is cut where it has more items than a run may have, and a text request between any two texts. A model
 * without a batch axis runs its requests one by one. Every row of every request is in exactly one run of all plans, or the request
 * is refused.
 */
export interface BatchPlanner {
  /** Prepares one request after the other. Each text is a step, since many take long; everything else is done with the next one. */
  prepare(): Generator<void, void>;
  /** How many requests are prepared. */
  readonly preparedCount: number;
  /** Plans the most urgent run of what is prepared and in no plan yet; what is not in it can still be joined with others. */
  planFirst(): BatchPlan;
  /** Plans all that is prepared and in no plan yet, once that is all of the batch. */
  planRest(): BatchPlan;
}

export interface PlanBatchOptions {
  /** Expected time of a run, in milliseconds. */
  readonly runMs: (shape: RunShape) => number;
  /** Time left of a request's timeout, in milliseconds; Infinity if it has none. */
  readonly remainingMs: (request: AdmittedRequest) => number;
}

/** Creates the planner of a batch of which nothing is prepared. */
export function createBatchPlanner(
  model: ServedModel,
  requests: readonly AdmittedRequest[],
  { runMs, remainingMs }: PlanBatchOptions,
): BatchPlanner {
  const planner = createLayoutPlanner(model.signature);
  const groups = new Map<string, Group>();
  const groupOf = new Map<LayoutPlan, Group>();
  let refused: RefusedRequest[] = [];
  let preparedCount = 0;
  const maxItems = model.fixedBatchSize ?? model.signature.maxBatchSize;
  const { maxBatchTokens: maxTokens = Infinity } = model.signature;

  const openGroup = (layout: LayoutPlan): Group => {
    const group = groups.get(layout.joinKey) ?? createGroup(formOf(model, layout), { maxItems, maxTokens });
    groups.set(layout.joinKey, group);
    groupOf.set(layout, group);
    return group;
  };
  const cut = (): readonly EngineRunPlan[] => {
    const runs: EngineRunPlan[] = [];
    for (const group of groups.values()) runs.push(...cutGroup(group, runMs));
    return byUrgency(runs, remainingMs);
  };

  return {
    *prepare() {
      for (const request of requests) {
        try {
          const layout = planner.plan(request);
          const group = groupOf.get(layout) ?? openGroup(layout);
          if (group.kind === "tensors") addTensors(group, request, layout);
          else yield* addTexts(group, request);
        } catch (error) {
          refused.push({ request, error: InferenceError.from(error) });
        }
        preparedCount += 1;
      }
    },
    get preparedCount() {
      return preparedCount;
    },
    planFirst: () => {
      const runs = cut().slice(0, 1);
      const taken = new Set<RunPart>(runs.flatMap<RunPart>(({ parts }) => parts));
      for (const { parts } of groups.values()) removeParts(parts, taken);
      const plan = { runs, refused };
      refused = [];
      return plan;
    },
    planRest: () => ({ runs: cut(), refused }),
  };
}

function removeParts(parts: RunPart[], taken: ReadonlySet<RunPart>): void {
  const kept = parts.filter((part) => !taken.has(part));
  parts.splice(0, parts.length, ...kept);
}

type RunLimits = Pick<PartGroup<TensorForm, TensorPart>, "maxItems" | "maxTokens">;

type Group =
  | ({ readonly kind: "tensors" } & PartGroup<TensorForm, TensorPart>)
  | ({ readonly kind: "text" } & PartGroup<TextForm, TextPart>);

function createGroup(form: ServedForm, { maxItems, maxTokens }: RunLimits): Group {
  return form.kind === "tensors"
    ? { kind: "tensors", form, parts: [], maxItems, maxTokens }
    : { kind: "text", form, parts: [], maxItems, maxTokens };
}

function formOf(model: ServedModel, layout: LayoutPlan): ServedForm {
  const form = model.forms.get(layout.form);
  if (form === undefined) throw new Error(`${model.name} declares form ${layout.form} and does not serve it`);
  return form;
}

function cutGroup(group: Group, runMs: PlanBatchOptions["runMs"]): EngineRunPlan[] {
  if (group.kind === "text") {
    const { kind, form, parts, maxItems, maxTokens } = group;
    return groupByLength(parts, { maxItems, maxTokens, runMs }).map((run) => ({ kind, form, parts: run }));
  }
  const { kind, form, parts } = group;
  return cutInOrder(parts, group).map((run) => ({ kind, form, parts: run }));
}

/** Cuts parts of one shape, in their order, so that no run of several has more than it may. */
function cutInOrder(parts: readonly TensorPart[], { maxItems, maxTokens }: RunLimits): TensorPart[][] {
  const runs: TensorPart[][] = [];
  let run: TensorPart[] = [];
  let items = 0;
  for (const part of parts) {
    const nextItems = items + part.items;
    if (run.length > 0 && (nextItems > maxItems || nextItems * part.length > maxTokens)) {
      runs.push(run);
      run = [];
      items = 0;
    }
    run.push(part);
    items += part.items;
  }
  if (run.length > 0) runs.push(run);
  return runs;
}

function byUrgency(
  runs: readonly EngineRunPlan[],
  remainingMs: PlanBatchOptions["remainingMs"],
): readonly EngineRunPlan[] {
  if (runs.length < 2) return runs;
  return runs
    .map((run) => ({ run, leastMs: Math.min(...run.parts.map(({ request }) => remainingMs(request))) }))
    .sort((a, b) => a.leastMs - b.leastMs)
    .map(({ run }) => run);
}
