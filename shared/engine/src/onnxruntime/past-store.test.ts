import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { EngineTensor } from "../engine.ts";
import type { PastSpec } from "./decoder-spec.ts";
import { createPastStore, type Past, type PastStore } from "./past-store.ts";

const heads = 2;
const width = 3;
const specs: readonly PastSpec[] = [
  { name: "past_key_values.0.key", present: "present.0.key", datatype: "FP32", heads, width, headBytes: 12 },
];

describe("createPastStore()", () => {
  test("gives the rows of the last run back as they are, without copying", () => {
    const store = createPastStore(specs);
    run(store, [1, 2], 3);
    const first = store.pastOf([1, 2]).tensors[0]?.buffer;
    expect(store.pastOf([1, 2]).tensors[0]?.buffer).toBe(first);
    run(store, [1, 2], 1);
    expect(store.pastOf([1, 2]).lengths).toEqual([4, 4]);
    expect(store.pastOf([2, 1]).tensors[0]?.buffer).not.toBe(first);
  });

  test("knows nothing of a sequence it never saw, or forgot", () => {
    const store = createPastStore(specs);
    run(store, [1], 5);
    store.forget([1, 7]);
    expect(store.pastOf([1])).toMatchObject({ lengths: [0], paddedLength: 0 });
    expect(store.pastOf([1]).tensors[0]?.shape).toEqual([1, heads, 0, width]);
  });

  test("holds no more than the longest row allows once others have left", () => {
    const store = createPastStore(specs);
    run(store, [1], 100);
    run(store, [2], 2);
    run(store, [1, 2], 1);
    expect(store.paddedTokens).toBe(202);
    store.forget([1]);
    store.trim();
    expect(store.paddedTokens).toBe(3);
    expect(tokensOf(store.pastOf([2]), 0)).toEqual(expectedTokens(2, 3));
  });

  test("keeps every token of every sequence, whoever runs together", () => {
    const step = fc.record({
      rows: fc.uniqueArray(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 6 }),
      newCount: fc.integer({ min: 1, max: 4 }),
      forgotten: fc.uniqueArray(fc.integer({ min: 0, max: 5 }), { maxLength: 2 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        const store = createPastStore(specs);
        const lengths = new Map<number, number>();
        for (const { rows, newCount, forgotten } of steps) {
          store.forget(forgotten);
          for (const sequence of forgotten) lengths.delete(sequence);
          run(store, rows, newCount);
          for (const sequence of rows) lengths.set(sequence, (lengths.get(sequence) ?? 0) + newCount);
          store.trim();
        }
        for (const [sequence, length] of lengths) {
          expect(tokensOf(store.pastOf([sequence]), 0)).toEqual(expectedTokens(sequence, length));
        }
        const all = [...lengths.keys()];
        const past = store.pastOf(all);
        for (const [row, sequence] of all.entries()) {
          expect(tokensOf(past, row)).toEqual(expectedTokens(sequence, lengths.get(sequence) ?? 0));
        }
      }),
    );
  });
});

/** Stands in for the model: appends to every row and head elements that tell sequence, head and position. */
function run(store: PastStore, sequences: readonly number[], newCount: number): void {
  const past = store.pastOf(sequences);
  const paddedLength = past.paddedLength + newCount;
  const elements = new Float32Array(sequences.length * heads * paddedLength * width);
  const before = new Float32Array(past.tensors[0]?.buffer ?? new ArrayBuffer(0));
  for (const [row, sequence] of sequences.entries()) {
    for (let head = 0; head < heads; head++) {
      const lane = row * heads + head;
      const from = lane * past.paddedLength * width;
      elements.set(before.subarray(from, from + past.paddedLength * width), lane * paddedLength * width);
      for (let index = 0; index < newCount; index++) {
        const position = (past.lengths[row] ?? 0) + index;
        const at = (lane * paddedLength + past.paddedLength + index) * width;
        elements.fill(valueOf(sequence, head, position), at, at + width);
      }
    }
  }
  const tensor: EngineTensor = {
    name: "past_key_values.0.key",
    datatype: "FP32",
    shape: [sequences.length, heads, paddedLength, width],
    buffer: elements.buffer,
  };
  store.keep(sequences, { past, newCount, tensors: [tensor] });
}

function valueOf(sequence: number, head: number, position: number): number {
  return sequence * 10_000 + head * 1000 + position + 1;
}

/** The elements of one row that count, head by head. */
function tokensOf({ lengths, paddedLength, tensors }: Past, row: number): number[] {
  const elements = new Float32Array(tensors[0]?.buffer ?? new ArrayBuffer(0));
  return Array.from({ length: heads }, (_, head) => {
    const end = (row * heads + head + 1) * paddedLength * width;
    return [...elements.subarray(end - (lengths[row] ?? 0) * width, end)];
  }).flat();
}

function expectedTokens(sequence: number, length: number): number[] {
  return Array.from({ length: heads }, (_, head) =>
    Array.from({ length: length * width }, (_, index) => valueOf(sequence, head, Math.floor(index / width))),
  ).flat();
}
