import { describe, expect, test } from "vitest";
import { findBestRate } from "./best-rate.ts";

/** Rates that were offered to a machine that answers so many of each in time, in their order. */
async function offeredTo(goodputAt: (ratePerSecond: number, index: number) => number) {
  const offered: number[] = [];
  const best = await findBestRate(async (ratePerSecond) => {
    offered.push(ratePerSecond);
    return goodputAt(ratePerSecond, offered.length - 1);
  });
  return { best, offered };
}

describe("findBestRate()", () => {
  test("is the rate with most answers in time, where three higher ones had no more", async () => {
    const { best, offered } = await offeredTo((rate) => (rate < 1_600 ? rate : 100));
    expect(best).toBe(1_562.5);
    expect(offered).toEqual([1_000, 1_250, 1_562.5, 1_953.125, 2_441.40625, 3_051.7578125]);
  });

  test("goes on after two rates that fail by chance", async () => {
    const { best } = await offeredTo((rate, index) =>
      index === 1 || index === 2 || rate > 2_000 ? 1 : rate,
    );
    expect(best).toBe(1_953.125);
  });

  test("is beyond what is answered in full, where that still gives more", async () => {
    const { best } = await offeredTo((rate) => (rate < 1_200 ? rate : Math.min(0.8 * rate, 1_500)));
    expect(best).toBe(1_953.125);
  });

  test("fails where nothing is answered in time", async () => {
    await expect(offeredTo(() => 0)).rejects.toThrow("no call was answered in time");
  });
});
