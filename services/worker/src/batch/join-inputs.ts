import type { EngineTensor } from "@sluice/engine";
import { splitBody } from "@sluice/protocol";

import type { EngineRunPlan, TensorMember, TensorRunPlan } from "./engine-run-plan.ts";

/**
 * Joins the rows of a run, in the order of its members: each input's bytes are copied once, into a buffer of its own that
 * can be given away. The bytes of a message are never handed on: they share its buffer and are rarely aligned.
 */
export function joinInputs(plan: EngineRunPlan): EngineTensor[] {
  if (plan.kind === "tensors") return joinTensors(plan);
  return [plan.form.step.joinRows(plan.members.flatMap((member) => member.rows))];
}

function joinTensors({ form, members }: TensorRunPlan): EngineTensor[] {
  const slices = members.map((member) => inputsOf(member));
  return form.inputs.map((spec, index) => ({
    name: spec.name,
    datatype: spec.datatype,
    shape: joinedShape(members, index),
    buffer: joinBytes(slices, index),
  }));
}

/** Bytes of each input of a request, in the order of the form: views into its message. */
function inputsOf({ request, layout }: TensorMember): readonly Uint8Array[] {
  const [chunk, ...more] = request.body;
  if (layout.ranges !== undefined && chunk !== undefined && more.length === 0) {
    if (layout.ranges.length === 1) return request.body;
    return layout.ranges.map(({ start, end }) => chunk.subarray(start, end));
  }
  const tensors = splitBody(request.inputs, request.body);
  return layout.order.map((place) => tensors[place]?.bytes ?? new Uint8Array(0));
}

/** The batch axis of a run of several is the sum of its members'; a lone request keeps its shape. */
function joinedShape(members: readonly TensorMember[], index: number): readonly number[] {
  const [first, ...others] = members;
  const shape = first?.layout.shapes[index] ?? [];
  if (others.length === 0) return shape;
  const items = members.reduce((total, member) => total + member.layout.items, 0);
  return [items, ...shape.slice(1)];
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
