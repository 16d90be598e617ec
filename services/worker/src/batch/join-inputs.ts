import type { EngineTensor } from "@sluice/engine";
import { splitBody } from "@sluice/protocol";

import type { EngineRunPlan, TensorPart, TensorRunPlan, TextRunPlan } from "./engine-run-plan.ts";
import { shapeOf } from "./engine-run-plan.ts";
import { createTensorRows } from "./tensor-rows.ts";

/**
 * Joins the rows of a run, in the order of its parts: each input's bytes are copied once, into a buffer of its own that
 * can be given away. The bytes of a message are never handed on: they share its buffer and are rarely aligned.
 * @param rowCount - rows that the engine takes; the last row is repeated where the run has fewer
 */
export function joinInputs(plan: EngineRunPlan, rowCount: number): EngineTensor[] {
  return plan.kind === "tensors" ? joinTensors(plan, rowCount) : [joinTexts(plan, rowCount)];
}

function joinTexts(plan: TextRunPlan, rowCount: number): EngineTensor {
  const rows = plan.parts.flatMap((part) => part.rows);
  const last = rows.at(-1);
  while (last !== undefined && rows.length < rowCount) rows.push(last);
  return plan.form.step.joinRows(rows, shapeOf(plan).length);
}

function joinTensors(plan: TensorRunPlan, rowCount: number): EngineTensor[] {
  const { form, parts } = plan;
  const slices = parts.map((part) => inputsOf(part));
  const { items } = shapeOf(plan);
  const last = parts.at(-1);
  if (last !== undefined && items < rowCount) {
    const lastRow = inputsOf({ ...last, start: last.start + last.items - 1, items: 1 });
    for (let row = items; row < rowCount; row++) slices.push(lastRow);
  }
  return form.inputs.map((spec, index) => ({
    name: spec.name,
    datatype: spec.datatype,
    shape: joinedShape(parts, { index, rowCount }),
    buffer: joinBytes(slices, index),
  }));
}

/** Bytes of each input of a part, in the order of the form: views into its message. */
function inputsOf(part: TensorPart): readonly Uint8Array[] {
  const { request, layout, start, items, requestItems } = part;
  const whole = wholeInputs(part);
  if (items === requestItems) return whole;
  return layout.order.map((place, index) => {
    const input = request.inputs[place];
    const bytes = whole[index];
    if (input === undefined || bytes === undefined) return new Uint8Array(0);
    return createTensorRows(input, { bytes, items: requestItems }).rows(start, start + items);
  });
}

function wholeInputs({ request, layout }: TensorPart): readonly Uint8Array[] {
  const { body } = request;
  const [chunk] = body;
  if (layout.ranges !== undefined && chunk !== undefined && body.length === 1) {
    if (layout.ranges.length === 1) return body;
    return layout.ranges.map(({ start, end }) => chunk.subarray(start, end));
  }
  const tensors = splitBody(request.inputs, body);
  return layout.order.map((place) => tensors[place]?.bytes ?? new Uint8Array(0));
}

/** A request that is alone and whole keeps its shape: it may have no batch axis. */
function joinedShape(
  [first, ...others]: readonly TensorPart[],
  { index, rowCount }: { readonly index: number; readonly rowCount: number },
): readonly number[] {
  const shape = first?.layout.shapes[index] ?? [];
  return others.length === 0 && first?.requestItems === rowCount ? shape : [rowCount, ...shape.slice(1)];
}

function joinBytes(slices: readonly (readonly Uint8Array[])[], index: number): ArrayBuffer {
  let length = 0;
  for (const slice of slices) length += slice[index]?.length ?? 0;
  const joined = new Uint8Array(length);
  let offset = 0;
  for (const slice of slices) {
    const bytes = slice[index];
    if (bytes === undefined) continue;
    joined.set(bytes, offset);
    offset += bytes.length;
  }
  return joined.buffer;
}
