import { expect, test } from "vitest";
import { checkFigures } from "./recorded.ts";

test("checkFigures() tolerates figures up to twice as bad, whatever their bars, and holds exact ones against theirs", () => {
  const aBar = { limit: { atMost: 1 }, isExact: false, isMet: false };
  const checks = checkFigures(
    [
      { ...aBar, name: "slow", measured: 4 },
      { ...aBar, name: "slower", measured: 4.1 },
      { ...aBar, name: "rate", measured: 1, limit: { atLeast: 1 } },
      { ...aBar, name: "lower rate", measured: 0.9, limit: { atLeast: 1 } },
      { ...aBar, name: "count", measured: 0.9, isExact: true },
      { ...aBar, name: "higher count", measured: 1.01, isExact: true },
      { ...aBar, name: "not recorded", measured: 99 },
    ],
    { slow: 2, slower: 2, rate: 2, "lower rate": 2, count: 0.1, "higher count": 1 },
  );
  expect(Object.fromEntries(checks.map(({ name, isMet }) => [name, isMet]))).toEqual({
    slow: true,
    slower: false,
    rate: true,
    "lower rate": false,
    count: true,
    "higher count": false,
  });
});
