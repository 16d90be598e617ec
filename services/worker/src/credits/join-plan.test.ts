import { describe, expect, test } from "vitest";

import { planJoin } from "./join-plan.ts";

/** Open credits of models, by their number. */
function openCredits(counts: Readonly<Record<string, number>>): { models: string[] }[] {
  return Object.entries(counts).flatMap(([model, count]) =>
    Array.from({ length: count }, () => ({ models: [model] })),
  );
}

describe("planJoin()", () => {
  test.each([
    { rule: "asks for as many sequences as there is room for", rooms: { a: 3 }, open: { a: 2 }, model: "a" },
    { rule: "asks for no more", rooms: { a: 3 }, open: { a: 3 }, model: undefined },
    { rule: "has eight credits open at most", rooms: { a: 64 }, open: { a: 8 }, model: undefined },
    { rule: "looks at each model by itself", rooms: { a: 64, b: 1 }, open: { a: 8 }, model: "b" },
    { rule: "asks for nothing without room", rooms: {}, open: { a: 1 }, model: undefined },
  ])("$rule", ({ rooms, open, model }) => {
    expect(planJoin(new Map(Object.entries(rooms)), openCredits(open))).toBe(model);
  });
});
