import { describe, expect, test } from "vitest";
import { findCarriedRate } from "./carried-rate.ts";

/** Rates that were offered to a machine that answers a part of each in time, in their order. */
async function offeredTo(inTimeRatio: (ratePerSecond: number, index: number) => number) {
  const offered: number[] = [];
  const carried = await findCarriedRate(async (ratePerSecond) => {
    offered.push(ratePerSecond);
    return inTimeRatio(ratePerSecond, offered.length - 1);
  });
  return { carried, offered };
}

describe("findCarriedRate()", () => {
  test("is the highest rate of which 0.95 are in time", async () => {
    const { carried, offered } = await offeredTo((rate) => Math.min(1, 1_600 / rate));
    expect(carried).toBe(1_562.5);
    expect(offered).toEqual([1_000, 1_250, 1_562.5, 1_953.125, 2_441.40625]);
  });

  test("goes on after one rate that fails by chance", async () => {
    const { carried } = await offeredTo((rate, index) => (index === 1 || rate > 2_000 ? 0.5 : 1));
    expect(carried).toBe(1_953.125);
  });

  test("fails where the first rates are not carried", async () => {
    await expect(offeredTo(() => 0.5)).rejects.toThrow("does not carry 1000 calls a second");
  });
});
