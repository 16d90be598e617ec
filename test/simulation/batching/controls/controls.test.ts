import type { BatchAsk } from "@sluice/scheduling";
import { describe, expect, test } from "vitest";
import { aRequest } from "../../request.fixture.ts";
import type { SimulatedRequest } from "../../request.ts";
import type { Batcher } from "../batcher.ts";
import { createAimdBatcher } from "./aimd-batcher.ts";
import { createFeasibleBatcher } from "./feasible-batcher.ts";
import { createStaticBatcher } from "./static-batcher.ts";

/** A worker that is free now and takes 5 + n ms for each element, with nothing around it. */
const ask: BatchAsk = {
  worker: "w",
  limits: { models: ["m"], maxItems: () => 64, maxBytes: Infinity, alone: false },
  freeAtMs: 0,
  overheadMs: 0,
  profile: () => ({ curve: { fixedMs: 5, perElementMs: 1, perPairMs: 0 }, margin: 1, drift: 1 }),
  fastest: () => undefined,
  maxTokens: () => Infinity,
};

function add(batcher: Batcher, count: number, fields: Partial<SimulatedRequest> = {}): void {
  for (let index = 0; index < count; index++) batcher.add(aRequest(fields), fields.arrivedMs ?? 0);
}

function sizeOf(batcher: Batcher, nowMs: number): number {
  return batcher.next({ ...ask, freeAtMs: nowMs }, nowMs).entries.length;
}

describe("createStaticBatcher()", () => {
  test("waits until a batch is full or its first request has waited so long", () => {
    const batcher = createStaticBatcher({ maxItems: 4, timeoutMs: 5 });
    add(batcher, 3, { arrivedMs: 10 });
    expect(sizeOf(batcher, 14)).toBe(0);
    expect(batcher.nextDueMs()).toBe(15);
    expect(sizeOf(batcher, 15)).toBe(3);
    add(batcher, 6, { arrivedMs: 16 });
    expect(sizeOf(batcher, 16)).toBe(4);
    expect(sizeOf(batcher, 16)).toBe(0);
  });

  test("drops what is late already, and only that", () => {
    const batcher = createStaticBatcher({ maxItems: 4, timeoutMs: 0 });
    add(batcher, 2, { deadlineMs: 20 });
    add(batcher, 1, { deadlineMs: 21 });
    const { entries, late } = batcher.next(ask, 20);
    expect(late).toHaveLength(2);
    expect(entries).toHaveLength(1);
    expect(batcher.nextDueMs()).toBe(Infinity);
  });
});

describe("createAimdBatcher()", () => {
  test("grows by one after each full batch that was fast enough, and shrinks by a tenth after one that was not", () => {
    const batcher = createAimdBatcher();
    const sizes: number[] = [];
    for (let batch = 0; batch < 12; batch++) {
      add(batcher, 100, { deadlineMs: 50 });
      const planned = batcher.next(ask, 0);
      const size = planned.entries.length;
      sizes.push(size);
      batcher.ended({ ...planned, worker: "w", tookMs: size < 10 ? 50 : 51, answeredMs: 60 });
    }
    expect(sizes).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 9, 10]);
  });
});

describe("createFeasibleBatcher()", () => {
  test("takes as many as end in time for the first, and drops what is late even alone", () => {
    const batcher = createFeasibleBatcher({ windowItems: Infinity });
    add(batcher, 2, { deadlineMs: 105 });
    add(batcher, 30, { deadlineMs: 120 });
    const { entries, late } = batcher.next({ ...ask, freeAtMs: 100 }, 99);
    expect(late).toHaveLength(2);
    expect(entries).toHaveLength(15);
  });

  test("counts every row as long as the longest, and looks no further than its window", () => {
    const batcher = createFeasibleBatcher({ windowItems: 3 });
    add(batcher, 1, { deadlineMs: 35, length: 1 });
    add(batcher, 5, { deadlineMs: 35, length: 10 });
    expect(batcher.next(ask, 0).entries.map(({ length }) => length)).toEqual([1, 10, 10]);
    expect(batcher.next({ ...ask, freeAtMs: 5 }, 5).entries).toHaveLength(2);
  });
});
