import type { AdmittedRequest } from "@sluice/protocol";
import { InferenceError, splitBody, stringsOf } from "@sluice/protocol";

import type { TensorForm, TextForm } from "../models/served-model.ts";
import type { PreparedRow } from "../steps/text-step.ts";
import type { TensorPart, TextPart } from "./engine-run-plan.ts";
import type { LayoutPlan } from "./layout-plan.ts";

/** Rows that can go through the engine together, apart from their number and length, and are prepared for it. */
export interface PartGroup<Form, Part> {
  readonly form: Form;
  readonly parts: Part[];
  /** Most items of one part. */
  readonly maxItems: number;
  /** Most elements of a part of several items, where it can be cut. */
  readonly maxTokens: number;
}

/**
 * Adds a request of raw tensors, cut where it is more than a run may have. There is one for each request: it makes nothing but its parts.
 * @throws {InferenceError} `invalidArgument` when the body does not fit its layouts: it would spoil the rows of others.
 */
export function addTensors(
  { form, parts, maxItems, maxTokens }: PartGroup<TensorForm, TensorPart>,
  request: AdmittedRequest,
  layout: LayoutPlan,
): void {
  checkBodyBytes(request, layout);
  const { items: requestItems, length } = layout;
  const resultCount = form.postprocess?.countOf(request.parameters) ?? 0;
  const partItems = Math.max(1, Math.min(maxItems, Math.floor(maxTokens / length)));
  for (let start = 0; start < requestItems; start += partItems) {
    const items = Math.min(partItems, requestItems - start);
    const elements = items * length;
    parts.push({ request, start, items, requestItems, length, elements, resultCount, layout });
  }
}

/**
 * Prepares a request's texts, one in each step, and adds them with the last. Each is a part by itself where it may be, so that texts
 * of one length can run together whoever sent them.
 * @throws {InferenceError} `invalidArgument` when the model cannot take one of them.
 */
export function* addTexts(
  { form, parts, maxItems }: PartGroup<TextForm, TextPart>,
  request: AdmittedRequest,
): Generator<void, void> {
  const { step, postprocess, isRowWise } = form;
  const [tensor] = splitBody(request.inputs, request.body);
  const texts = tensor === undefined ? [] : stringsOf(tensor);
  const all: PreparedRow[] = [];
  for (const text of texts) {
    all.push(step.prepareRow(text));
    yield;
  }
  const resultCount = postprocess?.countOf(request.parameters) ?? 0;
  const partItems = isRowWise ? 1 : maxItems;
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
