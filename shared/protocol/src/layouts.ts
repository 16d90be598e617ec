import { isDatatype } from "./datatype.ts";
import { describe, listOf, shorten, text, wrongField } from "./fields.ts";
import { maxRank, maxTensors } from "./limits.ts";
import type { Datatype, TensorLayout } from "./tensor.ts";

/** A tensor layout as it travels: name, datatype, then the size of each axis. */
type WireLayout = readonly (string | number)[];

/**
 * Numbers the distinct layouts of a pack's rows. Rows that share one object, as decoded rows and rows of one template do,
 * are recognised without looking into it.
 */
export interface LayoutDictionary {
  /** Number of these layouts; equal ones have the same. */
  indexOf(layouts: readonly TensorLayout[]): number;
  /** All layouts so far, as the pack's head lists them. */
  toWire(): readonly (readonly WireLayout[])[];
}

export function createLayoutDictionary(): LayoutDictionary {
  const known: (readonly TensorLayout[])[] = [];
  const indexes = new Map<string, number>();
  let last: readonly TensorLayout[] = [];
  let lastIndex = -1;

  const add = (layouts: readonly TensorLayout[]): number => {
    // Most packs have one layout and need no keys.
    const [first] = known;
    if (first === undefined) return known.push(layouts) - 1;
    if (indexes.size === 0) indexes.set(keyOf(first), 0);
    const key = keyOf(layouts);
    const index = indexes.get(key) ?? known.push(layouts) - 1;
    indexes.set(key, index);
    return index;
  };

  return {
    indexOf(layouts) {
      if (lastIndex >= 0 && isSameLayouts(layouts, last)) return lastIndex;
      last = layouts;
      lastIndex = add(layouts);
      return lastIndex;
    },
    toWire: () => known.map((layouts) => layouts.map(toWireLayout)),
  };
}

function keyOf(layouts: readonly TensorLayout[]): string {
  return JSON.stringify(layouts.map(toWireLayout));
}

function isSameLayouts(left: readonly TensorLayout[], right: readonly TensorLayout[]): boolean {
  if (left === right) return true;
  if (left.length !== right.length) return false;
  return left.every((layout, index) => {
    const other = right[index];
    return other !== undefined && isSameLayout(layout, other);
  });
}

function isSameLayout(left: TensorLayout, right: TensorLayout): boolean {
  if (left.name !== right.name || left.datatype !== right.datatype) return false;
  return (
    left.shape.length === right.shape.length && left.shape.every((size, axis) => size === right.shape[axis])
  );
}

function toWireLayout({ name, datatype, shape }: TensorLayout): WireLayout {
  return [name, datatype, ...shape];
}

/**
 * Checks the layout of a request's input as its readers do.
 * @throws {InferenceError} `invalidArgument` naming the input that is wrong.
 */
export function checkLayout({ name, datatype, shape }: UncheckedLayout): TensorLayout {
  return { name, datatype: checkInputDatatype(name, datatype), shape: checkInputShape(name, shape) };
}

interface UncheckedLayout {
  readonly name: string;
  readonly datatype: unknown;
  readonly shape: unknown;
}

/** Checks the datatype of a request's input. @throws {InferenceError} as {@link checkLayout}. */
export function checkInputDatatype(input: string, datatype: unknown): Datatype {
  if (isDatatype(datatype)) return datatype;
  throw wrongField(`datatype of input ${shorten(input)}`, datatype, "a datatype such as FP32");
}

/** Checks the shape of a request's input. @throws {InferenceError} as {@link checkLayout}. */
export function checkInputShape(input: string, shape: unknown): readonly number[] {
  return toShape(shape, `shape of input ${shorten(input)}`);
}

function fromWireLayout(value: unknown, name: string): TensorLayout {
  if (!Array.isArray(value)) throw wrongField(name, value, "[name, datatype, shape…]");
  const [tensorName, datatype, ...shape]: unknown[] = value;
  if (!isDatatype(datatype)) throw wrongField(name, datatype, "a datatype");
  return { name: text(tensorName, name), datatype, shape: toShape(shape, name) };
}

/** A tensor's shape: sizes of 0 or more, whose product is small enough to count exactly. */
export function toShape(value: unknown, name: string): readonly number[] {
  if (!Array.isArray(value)) throw wrongField(name, value, "a list of sizes");
  if (value.length > maxRank) throw wrongField(name, value, `at most ${maxRank} axes`);
  let product = 1;
  for (const size of value) {
    if (!isSize(size)) throw wrongField(name, value, `sizes from 0 on, not ${describe(size)}`);
    product *= Math.max(size, 1);
  }
  if (!Number.isSafeInteger(product * 8)) throw wrongField(name, value, "fewer elements");
  return value;
}

function isSize(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

/** Reads the head's list of layouts; rows then share its elements. */
export const fromWireLayouts = listOf(listOf(fromWireLayout, maxTensors));
