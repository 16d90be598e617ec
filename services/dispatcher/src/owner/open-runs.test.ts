import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ListedRun, Run } from "./open-request.ts";
import { createOpenRuns } from "./open-runs.ts";

function aRun(reply: string, id: string): ListedRun {
  return {
    kind: "listed",
    id,
    tenant: "t",
    reply,
    attempt: 0,
    runsAlone: false,
    batch: undefined,
    isCanceled: false,
    openHash: 0,
    nextOpen: undefined,
  };
}

/** Ids that end alike fall into one slot. */
const anId = fc.oneof(
  fc.nat({ max: 40 }).map((number) => `id-${number}`),
  fc.nat({ max: 40 }).map((number) => `${number}-the-same-end`),
);
const aStep = fc.record({
  isAdded: fc.boolean(),
  reply: fc.constantFrom("one", "other"),
  id: anId,
});

describe("createOpenRuns()", () => {
  test("finds what was added and not removed by both its names, however many there are and however ids end", () => {
    fc.assert(
      fc.property(fc.array(aStep, { maxLength: 300, size: "max" }), (steps) => {
        const openRuns = createOpenRuns();
        const expected = new Map<string, Run>();
        for (const { isAdded, reply, id } of steps) {
          const key = `${reply} ${id}`;
          const known = expected.get(key);
          if (isAdded) {
            const run = aRun(reply, id);
            openRuns.add(run);
            expected.set(key, run);
          } else if (known !== undefined) {
            openRuns.remove(known);
            expected.delete(key);
          }
          expect(openRuns.find(reply, id)).toBe(expected.get(key));
        }
        for (const run of expected.values()) {
          expect(openRuns.find(run.reply, run.id)).toBe(run);
          const namesakes = [...expected.values()].filter(({ id }) => id === run.id);
          expect(new Set(openRuns.withId(run.id))).toEqual(new Set(namesakes));
        }
      }),
    );
  });

  test("finds each of very many", () => {
    const openRuns = createOpenRuns();
    const runs = Array.from({ length: 5000 }, (_, number) => aRun("one", `prefix-${number}`));
    for (const run of runs) openRuns.add(run);
    for (const run of runs) expect(openRuns.find("one", run.id)).toBe(run);
    for (const run of runs) openRuns.remove(run);
    for (const run of runs) expect(openRuns.find("one", run.id)).toBeUndefined();
  });

  test("keeps the run that took the place of the one that is removed", () => {
    const openRuns = createOpenRuns();
    const [first, second] = [aRun("one", "a"), aRun("one", "a")];
    openRuns.add(first);
    openRuns.add(second);
    openRuns.remove(first);
    expect(openRuns.find("one", "a")).toBe(second);
  });
});
