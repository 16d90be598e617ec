import { expect, test } from "vitest";
import { checkFigures, withRecorded } from "./recorded.ts";

test("checkFigures() tolerates figures up to twice as bad, whatever their bars, and holds exact ones against theirs", () => {
  const aBar = { limit: { atMost: 1 }, basis: "cpu" as const, isMet: false };
  const checks = checkFigures(
    [
      { ...aBar, name: "slow", measured: 4 },
      { ...aBar, name: "slower", measured: 4.1 },
      { ...aBar, name: "rate", measured: 1, limit: { atLeast: 1 } },
      { ...aBar, name: "lower rate", measured: 0.9, limit: { atLeast: 1 } },
      { ...aBar, name: "count", measured: 0.9, basis: "count" as const },
      { ...aBar, name: "higher count", measured: 1.01, basis: "count" as const },
      { ...aBar, name: "not recorded", measured: 99 },
    ],
    {
      recorded: { slow: 2, slower: 2, rate: 2, "lower rate": 2, count: 0.1, "higher count": 1 },
      disturbance: { foreignCores: 0, stolenCores: 0 },
    },
  );
  expect(Object.fromEntries(checks.map(({ name, verdict }) => [name, verdict]))).toEqual({
    slow: "asRecorded",
    slower: "worse",
    rate: "asRecorded",
    "lower rate": "worse",
    count: "asRecorded",
    "higher count": "worse",
  });
});

test("checkFigures() does not hold against a figure what the machine did", () => {
  const aRate = { name: "rate", limit: { atLeast: 1 }, basis: "clock" as const, isMet: false };
  const verdictOf = (measured: number, stolenCores: number): string | undefined =>
    checkFigures([{ ...aRate, measured }], {
      recorded: { rate: 2 },
      disturbance: { foreignCores: 0, stolenCores },
    })[0]?.verdict;
  expect(verdictOf(0.5, 0.9)).toBe("disturbed");
  expect(verdictOf(0.5, 0.1)).toBe("worse");
  expect(verdictOf(1, 0.9)).toBe("asRecorded");
});

test("withRecorded() replaces what there was of a machine of this speed, and adds another machine", () => {
  const fast = { bareCpuUs: 8, figures: { rate: 3, count: 1 } };
  const slow = { bareCpuUs: 32, figures: { rate: 6 } };
  const aRate = { name: "rate", limit: { atLeast: 1 }, basis: "clock" as const, isMet: true };
  const record = (bareCpuUs: number): unknown =>
    withRecorded([fast, slow], { bareCpuUs, bars: [{ ...aRate, measured: 4.5678 }] });
  expect(record(11)).toEqual([{ bareCpuUs: 11, figures: { rate: 4.57, count: 1 } }, slow]);
  expect(record(30)).toEqual([{ bareCpuUs: 30, figures: { rate: 4.57 } }, fast]);
  expect(record(16)).toEqual([{ bareCpuUs: 16, figures: { rate: 4.57 } }, fast, slow]);
});
