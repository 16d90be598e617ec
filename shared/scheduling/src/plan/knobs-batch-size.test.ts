import { describe, expect, test } from "vitest";
import { batchSizeNow } from "./knobs-batch-size.ts";

const sizes = [4, 8];

describe("batchSizeNow()", () => {
  test.each([
    {
      rule: "sends anything at once without a delay",
      sizes: [],
      delayMs: 0,
      items: 3,
      isDue: false,
      most: 16,
    },
    {
      rule: "waits for the largest batch without sizes",
      sizes: [],
      delayMs: 5,
      items: 15,
      isDue: false,
      most: 0,
    },
    { rule: "sends the largest batch at once", sizes: [], delayMs: 5, items: 16, isDue: false, most: 16 },
    { rule: "waits for a preferred size", sizes, delayMs: 5, items: 3, isDue: false, most: 0 },
    { rule: "sends a preferred size at once", sizes, delayMs: 5, items: 4, isDue: false, most: 4 },
    {
      rule: "takes the largest preferred size that there is",
      sizes,
      delayMs: 5,
      items: 30,
      isDue: false,
      most: 8,
    },
    {
      rule: "cuts at a preferred size without a delay, too",
      sizes,
      delayMs: 0,
      items: 6,
      isDue: false,
      most: 4,
    },
    {
      rule: "sends less than preferred without a delay",
      sizes,
      delayMs: 0,
      items: 3,
      isDue: false,
      most: 16,
    },
    { rule: "sends all that fits once one is due", sizes, delayMs: 5, items: 6, isDue: true, most: 16 },
  ])("$rule", ({ sizes: preferredBatchSizes, delayMs, items, isDue, most }) => {
    const rules = { preferredBatchSizes, maxQueueDelayMs: delayMs };
    expect(batchSizeNow(rules, { items, isDue, maxBatchSize: 16 })).toBe(most);
  });
});
