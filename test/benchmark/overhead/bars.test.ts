import { describe, expect, test } from "vitest";
import { aCell } from "./cell.fixture.ts";
import { bars, reportBars, type Bar } from "./bars.ts";
import { layouts } from "./layouts.ts";

const bar: Bar = {
  layout: "1 x 64",
  figure: "CPU per request",
  arm: "sluice",
  over: "floor",
  limit: { atMost: 1.5 },
  goal: 1.2,
};

describe("reportBars()", () => {
  test("takes the median of ratios within a round, not the ratio of medians", () => {
    const rounds = [
      [aCell("floor", { cpuUs: 10 }), aCell("sluice", { cpuUs: 14 })],
      [aCell("floor", { cpuUs: 20 }), aCell("sluice", { cpuUs: 20 })],
      [aCell("floor", { cpuUs: 40 }), aCell("sluice", { cpuUs: 60 })],
    ];
    expect(reportBars([{ layout: "1 x 64", rounds }], [bar])).toEqual([
      expect.objectContaining({ measured: 1.4, isMet: true, isGoalMet: false }),
    ]);
  });

  test.each([
    { limit: { atMost: 1.5 }, cpuUs: 15, isMet: true },
    { limit: { atMost: 1.5 }, cpuUs: 15.1, isMet: false },
    { limit: { atLeast: 1.5 }, cpuUs: 15, isMet: true },
    { limit: { atLeast: 1.5 }, cpuUs: 14.9, isMet: false },
    { limit: { atMost: 1.5 }, cpuUs: NaN, isMet: false },
  ])("holds $cpuUs over 10 against $limit: $isMet", ({ limit, cpuUs, isMet }) => {
    const rounds = [[aCell("floor", { cpuUs: 10 }), aCell("sluice", { cpuUs })]];
    expect(reportBars([{ layout: "1 x 64", rounds }], [{ ...bar, limit }])[0]?.isMet).toBe(isMet);
  });

  test("leaves out bars whose layout or arms did not run", () => {
    expect(reportBars([{ layout: "1 x 1", rounds: [[aCell("sluice", {})]] }], [bar])).toEqual([]);
    expect(reportBars([{ layout: "1 x 64", rounds: [[aCell("sluice", {})]] }], [bar])).toEqual([]);
  });
});

describe("bars", () => {
  test("are about layouts and arms that run without being asked for", () => {
    for (const { layout: name, arm, over = arm } of bars) {
      const layout = layouts.find((candidate) => candidate.name === name);
      expect(layout?.arms, name).toEqual(expect.arrayContaining([arm, over]));
    }
  });
});
