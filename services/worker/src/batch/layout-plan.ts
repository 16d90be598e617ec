import type { AdmittedRequest, ModelSignature } from "@sluice/protocol";
import { byteLengthOf, checkRequest, rowLength } from "@sluice/protocol";

/** Where one input lies in the body of every request of a layout. */
export interface InputRange {
  readonly start: number;
  readonly end: number;
}

/** What all requests with the same tensor layouts have in common. */
export interface LayoutPlan {
  /** Name of the form they use. */
  readonly form: string;
  /** Rows along the batch axis, 1 without one. */
  readonly items: number;
  /** Elements in each row, see {@link rowLength}. */
  readonly length: number;
  /** Equal for requests that can be joined: the form, and the shapes apart from the batch axis. */
  readonly joinKey: string;
  /** Shapes of the inputs in the order of the form. */
  readonly shapes: readonly (readonly number[])[];
  /** For each input of the form, its place among the request's. */
  readonly order: readonly number[];
  /** Where the inputs lie in a body, in the order of the form; `undefined` when BYTES inputs make them differ from body to body. */
  readonly ranges: readonly InputRange[] | undefined;
  /** Length of a body; `undefined` as `ranges`. */
  readonly bodyBytes: number | undefined;
}

/**
 * Plans requests by their layouts. Rows of one pack share their list of layouts, so that a batch of requests that look
 * alike is checked once.
 */
export interface LayoutPlanner {
  /** @throws {InferenceError} `invalidArgument` when the request does not fit the signature. */
  plan(request: AdmittedRequest): LayoutPlan;
}

/** Creates a planner for one batch. */
export function createLayoutPlanner(signature: ModelSignature): LayoutPlanner {
  const plans = new Map<AdmittedRequest["inputs"], LayoutPlan>();
  let lastInputs: AdmittedRequest["inputs"] | undefined;
  let lastPlan: LayoutPlan | undefined;
  return {
    plan: (request) => {
      const { inputs } = request;
      if (inputs === lastInputs && lastPlan !== undefined) return lastPlan;
      const plan = plans.get(inputs) ?? planLayout(signature, request);
      plans.set(inputs, plan);
      lastInputs = inputs;
      lastPlan = plan;
      return plan;
    },
  };
}

function planLayout(signature: ModelSignature, request: AdmittedRequest): LayoutPlan {
  const { form, items } = checkRequest(signature, request);
  const order = form.inputs.map((spec) => request.inputs.findIndex(({ name }) => name === spec.name));
  const ranges = rangesOf(request.inputs);
  const shapes = order.map((place) => request.inputs[place]?.shape ?? []);
  const joined = signature.hasBatchAxis ? shapes.map((shape) => shape.slice(1)) : shapes;
  return {
    form: form.name,
    items,
    length: rowLength(form.inputs, { inputs: request.inputs, hasBatchAxis: signature.hasBatchAxis }),
    joinKey: `${form.name} ${joined.map((shape) => shape.join()).join(";")}`,
    shapes,
    order,
    ranges: ranges === undefined ? undefined : order.map((place) => ranges[place] ?? { start: 0, end: 0 }),
    bodyBytes: ranges === undefined ? undefined : (ranges.at(-1)?.end ?? 0),
  };
}

/** Where each input of a request lies in its body; `undefined` when only the body tells. */
function rangesOf(layouts: AdmittedRequest["inputs"]): readonly InputRange[] | undefined {
  const ranges: InputRange[] = [];
  let start = 0;
  for (const layout of layouts) {
    const length = byteLengthOf(layout);
    if (length === undefined) return undefined;
    ranges.push({ start, end: start + length });
    start += length;
  }
  return ranges;
}
