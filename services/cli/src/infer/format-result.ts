import {
  elementsToJson,
  stringsOf,
  typedArrayOf,
  type Parameters,
  type Tensor,
  type Timings,
} from "@sluice/protocol";
import { formatTable } from "../format-table.ts";

/** Elements of an output that people are shown; the rest is in `--json`. */
const shownElements = 8;

/** What there is to show of a result or of one of its frames. */
export interface ShownResult {
  readonly outputs: readonly Tensor[];
  readonly parameters: Parameters;
  readonly timings: Timings;
}

/** A result for people: one line for each output and parameter, then where the time went. */
export function formatResult({ outputs, parameters, timings }: ShownResult): string {
  const rows = outputs.map(outputRow);
  for (const [name, value] of Object.entries(parameters)) rows.push([name, String(value)]);
  return formatTable([...rows, ["timings", describeTimings(timings)]]);
}

/** One line for each output of a frame that is no text; "" where there is none. */
export function formatValues(outputs: readonly Tensor[]): string {
  const values = outputs.filter(({ datatype }) => datatype !== "BYTES");
  return values.length === 0 ? "" : formatTable(values.map(outputRow));
}

/** Where a request's time went, for people. */
export function describeTimings(timings: Timings): string {
  const { queuedMs, batchMs, transferMs, inferenceMs, totalMs, firstTokenMs, tokenMs } = timings;
  const stages = {
    queued: queuedMs,
    batch: batchMs,
    transfer: transferMs,
    inference: inferenceMs,
    total: totalMs,
    ...(firstTokenMs === undefined ? {} : { "first token": firstTokenMs }),
    ...(tokenMs === undefined ? {} : { "per token": tokenMs }),
  };
  return Object.entries(stages)
    .map(([name, durationMs]) => `${name} ${durationMs.toFixed(1)} ms`)
    .join(", ");
}

/** A result as plain values for `--json`; tensors as in the Open Inference Protocol. */
export function toJsonResult({
  outputs,
  parameters,
  timings,
}: ShownResult): Readonly<Record<string, unknown>> {
  return {
    outputs: outputs.map((output) => ({
      name: output.name,
      datatype: output.datatype,
      shape: output.shape,
      data: elementsOf(output),
    })),
    parameters,
    timings,
  };
}

/** The texts of a frame, to be printed one after the other as they come. */
export function textOf(outputs: readonly Tensor[]): string {
  return outputs.flatMap((output) => (output.datatype === "BYTES" ? stringsOf(output) : [])).join("");
}

function outputRow(output: Tensor): readonly string[] {
  return [output.name, describeTensor(output)];
}

function describeTensor(output: Tensor): string {
  const elements = elementsOf(output);
  const shown = elements.slice(0, shownElements).map(describeElement).join(", ");
  if (elements.length <= shownElements) return shown;
  return `${output.datatype} [${output.shape.join(",")}]  ${shown}, …`;
}

function describeElement(element: string | number | boolean): string {
  return typeof element === "number" && !Number.isInteger(element) ? element.toPrecision(4) : String(element);
}

/** Elements as in the Open Inference Protocol, except that a 64-bit integer that is no safe one becomes a text. */
function elementsOf(output: Tensor): readonly (string | number | boolean)[] {
  const { datatype } = output;
  if (datatype === "INT64" || datatype === "UINT64") return Array.from(typedArrayOf(output), toJsonNumber);
  return JSON.parse(elementsToJson(output));
}

function toJsonNumber(element: number | bigint): number | string {
  if (typeof element === "number") return element;
  return Number.isSafeInteger(Number(element)) ? Number(element) : String(element);
}
