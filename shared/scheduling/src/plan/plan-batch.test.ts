import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { endsLate, noRequests, sumWith, type Candidate } from "./batch-sum.ts";
import { planBatch } from "./plan-batch.ts";
import { aCandidate, someLimits } from "./plan.fixture.ts";

function candidates(count: number, fields: Partial<Candidate> = {}): [Candidate, ...Candidate[]] {
  return [aCandidate(fields), ...Array.from({ length: count - 1 }, () => aCandidate(fields))];
}

/** Deadlines of a batch, in milliseconds from its start. */
function slacksOf(entries: readonly Candidate[]): number[] {
  return entries.map(({ deadlineMs }) => deadlineMs - 100);
}

describe("planBatch()", () => {
  test("takes all that can run together", () => {
    const all = candidates(5);
    expect(planBatch(all, someLimits())).toMatchObject({ entries: all, reason: "noMore" });
  });

  test.each([
    ["maxItems", { maxItems: 4 }, "full"],
    ["what is worthwhile", { enoughItems: () => 4 }, "full"],
    ["maxTokens", { maxTokens: 4 }, "cap"],
    ["maxBytes", { maxBytes: 4 }, "cap"],
    ["maxDurationMs", { maxDurationMs: 9 }, "cap"],
  ] as const)("keeps a batch within %s", (_what, limits, reason) => {
    const plan = planBatch(candidates(9), someLimits(limits));
    expect(plan.entries).toHaveLength(4);
    expect(plan.reason).toBe(reason);
  });

  test("counts padding for tokens, and lets one request alone have more", () => {
    const [long, short] = [8, 7].map((length) => aCandidate({ length }));
    if (long === undefined || short === undefined) throw new Error("no candidates");
    expect(planBatch([short, long], someLimits({ maxTokens: 15 })).entries).toEqual([short]);
    expect(planBatch([short, long], someLimits({ maxTokens: 16 })).entries).toEqual([short, long]);
    expect(planBatch([long], someLimits({ maxTokens: 7 })).entries).toEqual([long]);
  });

  test("keeps a batch within what its requests may run in", () => {
    const [first, ...others] = candidates(4);
    const plan = planBatch([first, aCandidate({ maxBatchItems: 2 }), ...others], someLimits());
    expect(plan).toMatchObject({ entries: { length: 2 }, reason: "cap" });
  });

  test("leaves out what does not fit and takes what does", () => {
    const [first, large, small] = [3, 6, 2].map((items) => aCandidate({ items }));
    if (first === undefined || large === undefined || small === undefined) throw new Error("three sizes");
    const plan = planBatch([first, large, small], someLimits({ maxItems: 8 }));
    expect(plan).toMatchObject({ entries: [first, small], reason: "full" });
  });

  test("lets no batch grow beyond what its most urgent request has time for", () => {
    const plan = planBatch([aCandidate({ deadlineMs: 108 }), ...candidates(9)], someLimits());
    expect(plan).toMatchObject({ entries: { length: 3 }, reason: "deadline" });
  });

  test("takes the more urgent first where not all can be in time", () => {
    const all = [30, 8, 30, 9, 30].map((slackMs) => aCandidate({ deadlineMs: 100 + slackMs }));
    const [first, ...others] = all;
    if (first === undefined) throw new Error("five candidates");
    const plan = planBatch([first, ...others], someLimits());
    expect(slacksOf(plan.entries)).toEqual([30, 8, 9]);
    expect(plan.reason).toBe("deadline");
  });

  test("takes more than what is worthwhile where requests have to hurry", () => {
    const plan = planBatch(candidates(9, { deadlineMs: 113 }), someLimits({ enoughItems: () => 4 }));
    expect(plan).toMatchObject({ entries: { length: 8 }, reason: "deadline" });
  });

  test("counts what passes until the callers have their answers", () => {
    const plan = planBatch(candidates(9, { deadlineMs: 112 }), someLimits({ overheadMs: 4 }));
    expect(plan.entries).toHaveLength(3);
  });

  test("groups by length around the first, whatever else waits", () => {
    const lengthsOf = (lengths: readonly [number, ...number[]]): number[] => {
      const [first, ...others] = lengths;
      const window = others.map((length) => aCandidate({ length }));
      const plan = planBatch([aCandidate({ length: first }), ...window], someLimits());
      expect(plan.reason).toBe("length");
      return plan.entries.map(({ length }) => length);
    };
    expect(lengthsOf([2, 60, 2, 60, 2])).toEqual([2, 2, 2]);
    expect(lengthsOf([60, 2, 60, 2, 2])).toEqual([60, 60]);
  });

  test("has other lengths run behind the first, in one batch", () => {
    const lengths = [2, 60, 2, 60, 20] as const;
    const [first, ...others] = lengths.map((length) => aCandidate({ length }));
    if (first === undefined) throw new Error("five candidates");
    const whole = planBatch([first, ...others], someLimits({ furtherMs: 1000 }));
    expect(whole).toMatchObject({ entries: [first, ...others], reason: "noMore" });
    expect(whole.runs.map(({ items, length }) => [items, length])).toEqual([
      [2, 2],
      [2, 60],
      [1, 20],
    ]);
    const part = planBatch([first, ...others], someLimits({ furtherMs: 40 }));
    expect(part).toMatchObject({ entries: [{ length: 2 }, { length: 2 }, { length: 20 }], reason: "length" });
  });

  test("has nothing run behind a first run that is full", () => {
    const all = [...candidates(5), aCandidate({ length: 60 })] as const;
    const plan = planBatch([...all], someLimits({ enoughItems: () => 4, furtherMs: 1000 }));
    expect(plan).toMatchObject({ entries: { length: 4 }, reason: "full", runs: { length: 1 } });
  });

  test("groups a window too large to try all cuts by padded length", () => {
    const others = Array.from({ length: 300 }, (_, index) =>
      aCandidate({ length: index % 2 === 0 ? 18 : 60 }),
    );
    const plan = planBatch([aCandidate({ length: 17 }), ...others], someLimits());
    expect(plan.entries.map(({ length }) => length)).toEqual([17, ...Array.from({ length: 31 }, () => 18)]);
  });

  test("is within every limit, in order, and in time, whatever waits", () => {
    const aWindow = fc.array(
      fc.record({
        items: fc.integer({ min: 1, max: 6 }),
        length: fc.oneof(fc.constant(4), fc.integer({ min: 1, max: 40 })),
        bytes: fc.integer({ min: 0, max: 20 }),
        deadlineMs: fc.oneof(fc.constant(Infinity), fc.integer({ min: 101, max: 500 })),
        maxBatchItems: fc.oneof(fc.constant(Infinity), fc.integer({ min: 1, max: 16 })),
      }),
      { minLength: 1, maxLength: 40, size: "max" },
    );
    const someBounds = fc.record({
      maxItems: fc.integer({ min: 1, max: 32 }),
      maxTokens: fc.integer({ min: 1, max: 600 }),
      maxBytes: fc.integer({ min: 20, max: 200 }),
      maxDurationMs: fc.integer({ min: 20, max: 400 }),
      furtherMs: fc.integer({ min: 0, max: 500 }),
      overheadMs: fc.integer({ min: 0, max: 10 }),
    });
    fc.assert(
      fc.property(aWindow, someBounds, fc.integer({ min: 1, max: 32 }), (window, bounds, enough) => {
        const limits = someLimits({ ...bounds, enoughItems: () => Math.min(enough, bounds.maxItems) });
        const [first, ...others] = window;
        if (first === undefined || endsLate(sumWith(noRequests, first), limits)) return;
        const { entries, reason, runs } = planBatch([first, ...others], limits);
        expect(entries[0]).toBe(first);
        expect(entries).toEqual(window.filter((entry) => entries.includes(entry)));
        expect(reason === "noMore").toBe(entries.length === window.length);
        const sum = entries.reduce(sumWith, noRequests);
        const batchMs = runs.reduce((ms, run) => ms + limits.boundMs(run), 0);
        expect(runs.reduce((items, run) => items + run.items, 0)).toBe(sum.items);
        expect(limits.startMs + batchMs + limits.overheadMs).toBeLessThanOrEqual(sum.deadlineMs);
        if (entries.length === 1) return;
        expect(sum.items).toBeLessThanOrEqual(Math.min(limits.maxItems, sum.maxBatchItems));
        expect(sum.bytes).toBeLessThanOrEqual(limits.maxBytes);
        for (const run of runs)
          if (runs.length > 1 || run.items > 1)
            expect(run.items * run.length).toBeLessThanOrEqual(limits.maxTokens);
        expect(batchMs).toBeLessThanOrEqual(limits.maxDurationMs);
        if (runs.length > 1) expect(batchMs).toBeLessThanOrEqual(limits.furtherMs);
      }),
    );
  });
});
