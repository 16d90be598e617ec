import { describe, expect, test } from "vitest";
import { itemsForTimeout } from "./items-for-timeout.ts";

const curve = { fixedMs: 5, perElementMs: 1, perPairMs: 0 };
const profile = { curve, margin: 1, drift: 1 };
const limits = { length: 1, maxItems: 64, timeoutMs: 50, workerCount: 1 };

describe("itemsForTimeout()", () => {
  test("leaves a request the time to wait for another batch of one worker", () => {
    expect(itemsForTimeout(profile, limits)).toBe(19);
  });

  test("leaves less of it where one of several workers is free sooner", () => {
    expect(itemsForTimeout(profile, { ...limits, workerCount: 4 })).toBe(34);
  });

  test("takes the margin into account", () => {
    expect(itemsForTimeout({ ...profile, margin: 2 }, limits)).toBe(7);
  });

  test("takes no more than is worthwhile, however much time there is", () => {
    const steep = { ...profile, curve: { fixedMs: 0, perElementMs: 10, perPairMs: 0 } };
    expect(itemsForTimeout(steep, { ...limits, timeoutMs: 10_000 })).toBeLessThan(4);
    expect(itemsForTimeout(profile, { ...limits, timeoutMs: 10_000 })).toBeLessThanOrEqual(64);
  });

  test("is 1 where that is all that ends in time, and 0 where nothing does", () => {
    expect(itemsForTimeout(profile, { ...limits, timeoutMs: 7 })).toBe(1);
    expect(itemsForTimeout(profile, { ...limits, timeoutMs: 6 })).toBe(0);
  });
});
