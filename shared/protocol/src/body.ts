import { byteLengthOf, elementCount } from "./datatype.ts";
import { InferenceError } from "./error.ts";
import { describe } from "./fields.ts";
import type { Tensor, TensorLayout } from "./tensor.ts";

/**
 * Total length of the chunks of a body. Called for every row of every pack: `length` and not `byteLength`, which V8 of Node 20
 * reads by a call (5 against 180 instructions), and no iterator (23 against 115 for a body of one chunk).
 */
export function bodyBytes(body: readonly Uint8Array[]): number {
  let total = 0;
  for (let index = 0; index < body.length; index++) total += body[index]?.length ?? 0;
  return total;
}

/**
 * Cuts a body into its tensors: views, not copies, when the body is one chunk, as every decoded one is.
 * @throws {InferenceError} `invalidArgument` when the body is shorter or longer than its layouts say.
 */
export function splitBody(layouts: readonly TensorLayout[], body: readonly Uint8Array[]): Tensor[] {
  const bytes = joinBody(body);
  const tensors: Tensor[] = [];
  let offset = 0;
  for (const { name, datatype, shape } of layouts) {
    const end = tensorEnd({ name, datatype, shape }, { bytes, offset });
    tensors.push({ name, datatype, shape, bytes: bytes.subarray(offset, end) });
    offset = end;
  }
  checkEnd(offset, bytes);
  return tensors;
}

/**
 * Checks that a body is exactly as long as its layouts say, without cutting it.
 * @throws {InferenceError} `invalidArgument` when it is not.
 */
export function checkBody(layouts: readonly TensorLayout[], body: readonly Uint8Array[]): void {
  const bytes = joinBody(body);
  let offset = 0;
  for (const layout of layouts) offset = tensorEnd(layout, { bytes, offset });
  checkEnd(offset, bytes);
}

function joinBody(body: readonly Uint8Array[]): Uint8Array {
  const [first] = body;
  if (first !== undefined && body.length === 1) return first;
  const joined = new Uint8Array(bodyBytes(body));
  let offset = 0;
  for (const chunk of body) {
    joined.set(chunk, offset);
    offset += chunk.length;
  }
  return joined;
}

function tensorEnd(layout: TensorLayout, at: { bytes: Uint8Array; offset: number }): number {
  const length = byteLengthOf(layout);
  const end = length === undefined ? stringsEnd(layout, at) : at.offset + length;
  if (end <= at.bytes.length) return end;
  const left = at.bytes.length - at.offset;
  throw new InferenceError(
    "invalidArgument",
    `tensor ${describe(layout.name)} has ${left} bytes, expected ${length ?? "more"} for ${layout.datatype} [${layout.shape.join()}]`,
  );
}

/** Walks the length prefixes of a BYTES tensor; stops early, past the end, when the bytes run out. */
function stringsEnd(layout: TensorLayout, { bytes, offset }: { bytes: Uint8Array; offset: number }): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const count = elementCount(layout.shape);
  let end = offset;
  for (let index = 0; index < count; index++) {
    if (end + 4 > bytes.length) return Infinity;
    end += 4 + view.getUint32(end, true);
  }
  return end;
}

function checkEnd(end: number, bytes: Uint8Array): void {
  if (end === bytes.length) return;
  throw new InferenceError(
    "invalidArgument",
    `the tensors take ${end} bytes, but the body has ${bytes.length}`,
  );
}
