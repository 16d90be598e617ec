import type { EngineTensor } from "@sluice/engine";
import type { AdmittedRequest } from "@sluice/protocol";
import { InferenceError } from "@sluice/protocol";

import type { TopLabels } from "../steps/top-labels.ts";
import type { EngineRunPlan, TextMember } from "./engine-run-plan.ts";
import { itemsOf } from "./engine-run-plan.ts";
import type { ResultTensors } from "./slice-outputs.ts";
import { createOutputSlicer, pickOutputs, wholeOutputs } from "./slice-outputs.ts";

/** One request of a run with its answer. */
export interface AnsweredRequest {
  readonly request: AdmittedRequest;
  readonly result: ResultTensors;
}

/**
 * Splits the outputs of a run into the answers of its requests.
 * @param hasBatchAxis - without one the run had one request, and its outputs are the answer as they are
 * @throws {InferenceError} `internal` when the outputs do not have the rows of the run.
 */
export function splitResults(
  plan: EngineRunPlan,
  { outputs, hasBatchAxis }: { readonly outputs: readonly EngineTensor[]; readonly hasBatchAxis: boolean },
): AnsweredRequest[] {
  const [first] = plan.members;
  if (!hasBatchAxis && first !== undefined) {
    return [{ request: first.request, result: wholeOutputs(outputs, first.request.outputs) }];
  }
  if (plan.kind === "text" && plan.form.topLabels !== undefined) {
    return labelResults(outputs, { topLabels: plan.form.topLabels, members: plan.members });
  }
  const slicer = createOutputSlicer(outputs, itemsOf(plan));
  let start = 0;
  const answer = (request: AdmittedRequest, items: number): AnsweredRequest => {
    const result = slicer.slice({ start, items }, request.outputs);
    start += items;
    return { request, result };
  };
  return plan.kind === "text"
    ? plan.members.map(({ request, rows }) => answer(request, rows.length))
    : plan.members.map(({ request, layout }) => answer(request, layout.items));
}

interface LabelOptions {
  readonly topLabels: TopLabels;
  readonly members: readonly TextMember[];
}

function labelResults(
  outputs: readonly EngineTensor[],
  { topLabels, members }: LabelOptions,
): AnsweredRequest[] {
  const scores = outputs.find((output) => output.name === topLabels.input);
  const rows = members.reduce((total, member) => total + member.rows.length, 0);
  if (scores === undefined || scores.buffer.byteLength !== rows * topLabels.labelCount * 4) {
    throw new InferenceError("internal", `the model gave no output "${topLabels.input}" of ${rows} rows`);
  }
  const all = new Float32Array(scores.buffer);
  let start = 0;
  return members.map(({ request, rows, labelCount }) => {
    const end = start + rows.length * topLabels.labelCount;
    const picked = topLabels.pick(all.subarray(start, end), labelCount);
    start = end;
    const result = {
      outputs: picked.map(({ name, datatype, shape }) => ({ name, datatype, shape })),
      body: picked.map(({ bytes }) => bytes),
    };
    return { request, result: pickOutputs(result, request.outputs) };
  });
}
