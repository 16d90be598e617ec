import { describe, expect, test } from "vitest";
import { createGaps, type Arrivals } from "./arrivals.ts";
import { createRandom } from "./random.ts";

const ratePerSecond = 50;
const count = 50_000;

function drawGaps(arrivals: Arrivals, stream = 0): number[] {
  const nextGap = createGaps(arrivals, createRandom(1, stream));
  return Array.from({ length: count }, nextGap);
}

interface Windows {
  readonly windowMs: number;
  readonly windowCount: number;
}

/** How many requests arrive in each of the windows from the start. */
function countWindows(arrivals: Arrivals, { windowMs, windowCount }: Windows): number[] {
  const nextGap = createGaps(arrivals, createRandom(1, 0));
  const counts = Array.from({ length: windowCount }, () => 0);
  for (let timeMs = nextGap(); timeMs < windowMs * windowCount; timeMs += nextGap()) {
    const window = Math.floor(timeMs / windowMs);
    counts[window] = (counts[window] ?? 0) + 1;
  }
  return counts;
}

function moments(values: readonly number[]): { readonly mean: number; readonly cv: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { mean, cv: Math.sqrt(variance) / mean };
}

describe("createGaps()", () => {
  test.each<{ readonly arrivals: Arrivals; readonly cv: number }>([
    { arrivals: { kind: "constant", ratePerSecond }, cv: 0 },
    { arrivals: { kind: "poisson", ratePerSecond }, cv: 1 },
    { arrivals: { kind: "gamma", ratePerSecond, cv: 0.5 }, cv: 0.5 },
    { arrivals: { kind: "gamma", ratePerSecond, cv: 4 }, cv: 4 },
    { arrivals: { kind: "weibull", ratePerSecond, cv: 2 }, cv: 2 },
  ])("draws $arrivals.kind gaps with the rate and variation asked for: $cv", ({ arrivals, cv }) => {
    const drawn = moments(drawGaps(arrivals));
    expect(Math.abs(drawn.mean / 20 - 1)).toBeLessThan(0.03);
    expect(Math.abs(drawn.cv - cv)).toBeLessThanOrEqual(0.03 * cv);
  });

  test("puts all arrivals into the times on", () => {
    const gaps = drawGaps({
      kind: "onOff",
      while: { kind: "poisson", ratePerSecond },
      onMs: 300,
      offMs: 700,
    });
    let timeMs = 0;
    const timesInPeriodMs = gaps.map((gap) => (timeMs += gap) % 1000);
    expect(timesInPeriodMs.every((timeInPeriodMs) => timeInPeriodMs < 300 + 1e-6)).toBe(true);
    expect(Math.abs(moments(gaps).mean / (20 / 0.3) - 1)).toBeLessThan(0.03);
  });

  test.each<{ readonly arrivals: Arrivals; readonly dispersion: number }>([
    { arrivals: { kind: "poisson", ratePerSecond }, dispersion: 1 },
    { arrivals: { kind: "gamma", ratePerSecond, cv: 0.5 }, dispersion: 0.25 },
    { arrivals: { kind: "gamma", ratePerSecond, cv: 4 }, dispersion: 16 },
    { arrivals: { kind: "weibull", ratePerSecond, cv: 2 }, dispersion: 4 },
  ])(
    "spreads the counts of 10 s as the gaps of $arrivals.kind vary: $dispersion",
    ({ arrivals, dispersion }) => {
      const counts = countWindows(arrivals, { windowMs: 10_000, windowCount: 3000 });
      const { mean, cv } = moments(counts);
      expect(Math.abs((mean * cv ** 2) / dispersion - 1)).toBeLessThan(0.1);
    },
  );

  test("is faster in the first half of a day and slower in the second, by the swing", () => {
    const arrivals = {
      kind: "diurnal",
      of: { kind: "poisson", ratePerSecond },
      periodMs: 20_000,
      swing: 0.6,
    } as const;
    const counts = countWindows(arrivals, { windowMs: 10_000, windowCount: 400 });
    const half = (parity: number): number =>
      counts.reduce((sum, count, index) => (index % 2 === parity ? sum + count : sum), 0) / 200;
    const expected = 10 * ratePerSecond;
    const gain = (0.6 * 2) / Math.PI;
    expect(Math.abs(half(0) / (expected * (1 + gain)) - 1)).toBeLessThan(0.01);
    expect(Math.abs(half(1) / (expected * (1 - gain)) - 1)).toBeLessThan(0.01);
  });

  test("replays arrivals at their offsets, several at one moment as well, and none after the last", () => {
    const nextGap = createGaps({ kind: "replay", offsetsMs: [5, 5, 12] }, createRandom(1, 0));
    expect(Array.from({ length: 5 }, nextGap)).toEqual([5, 0, 7, Infinity, Infinity]);
  });

  test("refuses to replay arrivals that are not in order", () => {
    const nextGap = createGaps({ kind: "replay", offsetsMs: [5, 4] }, createRandom(1, 0));
    nextGap();
    expect(nextGap).toThrow("arrival 1 of a replay, at 4 ms, is before the one before it");
  });

  test("draws the same for one seed and stream, and others for another stream", () => {
    const arrivals = { kind: "poisson", ratePerSecond } as const;
    expect(drawGaps(arrivals).at(-1)).toBe(drawGaps(arrivals).at(-1));
    expect(drawGaps(arrivals).at(-1)).not.toBe(drawGaps(arrivals, 1).at(-1));
  });
});
