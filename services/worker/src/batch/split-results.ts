import type { EngineTensor } from "@sluice/engine";
import { InferenceError } from "@sluice/protocol";

import type { ResultStep } from "../steps/result-step.ts";
import type { EngineRunPlan, RunPart } from "./engine-run-plan.ts";
import type { ResultTensors } from "./slice-outputs.ts";
import { createOutputSlicer, pickOutputs, wholeOutputs } from "./slice-outputs.ts";

/** One part of a run with what the model says to it. */
export interface AnsweredPart {
  readonly part: RunPart;
  readonly result: ResultTensors;
}

export interface RunOutputs {
  readonly outputs: readonly EngineTensor[];
  /** Without one the run had one request, and its outputs are the answer as they are. */
  readonly hasBatchAxis: boolean;
  /** Rows that the engine was given: those of the parts, then repeated ones. */
  readonly rowCount: number;
}

/**
 * Splits the outputs of a run into the results of its parts, item by item where a step reads them.
 * @throws {InferenceError} `internal` when the outputs do not have the rows of the run.
 */
export function* splitResults(
  { form, parts }: EngineRunPlan,
  { outputs, hasBatchAxis, rowCount }: RunOutputs,
): Generator<void, AnsweredPart[]> {
  if (form.postprocess !== undefined)
    return yield* stepResults(outputs, { step: form.postprocess, parts, rowCount });
  const [first] = parts;
  if (!hasBatchAxis && first !== undefined) {
    return [{ part: first, result: wholeOutputs(outputs, first.request.outputs) }];
  }
  const slicer = createOutputSlicer(outputs, rowCount);
  let start = 0;
  return parts.map((part) => {
    const result = slicer.slice({ start, items: part.items }, part.request.outputs);
    start += part.items;
    return { part, result };
  });
}

interface StepOptions {
  readonly step: ResultStep;
  readonly parts: readonly RunPart[];
  readonly rowCount: number;
}

function* stepResults(
  outputs: readonly EngineTensor[],
  { step, parts, rowCount }: StepOptions,
): Generator<void, AnsweredPart[]> {
  const scores = outputs.find((output) => output.name === step.input);
  if (scores === undefined || scores.shape[0] !== rowCount) {
    throw new InferenceError("internal", `the model gave no output "${step.input}" of ${rowCount} rows`);
  }
  const all = new Float32Array(scores.buffer);
  const rowShape = scores.shape.slice(1);
  const rowElements = all.length / rowCount;
  const answered: AnsweredPart[] = [];
  let start = 0;
  for (const part of parts) {
    const values = all.subarray(start * rowElements, (start + part.items) * rowElements);
    start += part.items;
    const given = yield* step.toResults({ values, items: part.items, rowShape }, part.resultCount);
    const result = {
      outputs: given.map(({ name, datatype, shape }) => ({ name, datatype, shape })),
      body: given.map(({ bytes }) => bytes),
    };
    answered.push({ part, result: pickOutputs(result, part.request.outputs) });
  }
  return answered;
}
