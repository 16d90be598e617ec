import type { AdmittedRequest } from "@sluice/protocol";
import { InferenceError, splitBody, stringsOf } from "@sluice/protocol";

import type { TensorForm, TextForm } from "../models/served-model.ts";
import type { TensorPart, TextPart } from "./engine-run-plan.ts";
import type { LayoutPlan } from "./layout-plan.ts";

export interface CutOptions {
  readonly request: AdmittedRequest;
  /** Most items of one part. */
  readonly maxItems: number;
}

/**
 * Cuts a request of raw tensors where it has more than `maxItems`.
 * @throws {InferenceError} `invalidArgument` when the body does not fit its layouts: it would spoil the rows of others.
 */
export function tensorParts(
  { postprocess }: TensorForm,
  { request, layout, maxItems }: CutOptions & { readonly layout: LayoutPlan },
): TensorPart[] {
  checkBodyBytes(request, layout);
  const { items: requestItems, length } = layout;
  const resultCount = postprocess?.countOf(request.parameters) ?? 0;
  const parts: TensorPart[] = [];
  for (let start = 0; start < requestItems; start += maxItems) {
    const items = Math.min(maxItems, requestItems - start);
    const elements = items * length;
    parts.push({ request, start, items, requestItems, length, elements, resultCount, layout });
  }
  return parts;
}

/**
 * Prepares a request's texts. Each is a part by itself where it may be, so that texts of one length can run together
 * whoever sent them.
 * @throws {InferenceError} `invalidArgument` when the model cannot take one of them.
 */
export function textParts(
  { step, postprocess, isRowWise }: TextForm,
  { request, maxItems }: CutOptions,
): TextPart[] {
  const [tensor] = splitBody(request.inputs, request.body);
  const texts = tensor === undefined ? [] : stringsOf(tensor);
  const all = texts.map((text) => step.prepareRow(text));
  const resultCount = postprocess?.countOf(request.parameters) ?? 0;
  const partItems = isRowWise ? 1 : maxItems;
  const parts: TextPart[] = [];
  for (let start = 0; start < all.length; start += partItems) {
    const rows = all.slice(start, start + partItems);
    let elements = 0;
    let longest = 1;
    for (const row of rows) {
      const length = step.lengthOf(row);
      elements += length;
      longest = Math.max(longest, length);
    }
    const length = step.paddedLength(longest);
    const items = rows.length;
    parts.push({ request, start, items, requestItems: all.length, length, elements, resultCount, rows });
  }
  return parts;
}

function checkBodyBytes(request: AdmittedRequest, { bodyBytes }: LayoutPlan): void {
  if (bodyBytes === undefined) return;
  let actual = 0;
  for (const chunk of request.body) actual += chunk.length;
  if (actual === bodyBytes) return;
  throw new InferenceError(
    "invalidArgument",
    `the body has ${actual} bytes, expected ${bodyBytes} for its tensors`,
  );
}
