import { describe, expect, test } from "vitest";
import { createGaps, createRandom } from "@sluice/load-generator";
import { tenantMix } from "./tenant-mix.ts";

const options = { tenantCount: 40, ratePerSecond: 200, seed: 1, dayMs: 1_000_000, cycleMs: 10_000 };
const spanMs = 2 * options.dayMs;

function countOf(demand: ReturnType<typeof tenantMix>[number]["demand"], stream: number): number {
  if (demand.kind === "backlog") throw new Error("a mix has no backlog");
  const nextGap = createGaps(demand, createRandom(1, stream));
  let count = 0;
  for (let timeMs = nextGap(); timeMs < spanMs; timeMs += nextGap()) count += 1;
  return count;
}

describe("tenantMix()", () => {
  test("gives all tenants together the rate asked for, and the first of them most", () => {
    const counts = tenantMix(options).map(({ demand }, index) => countOf(demand, index));
    const sum = counts.reduce((total, count) => total + count, 0);
    expect(Math.abs(sum / (options.ratePerSecond * (spanMs / 1000)) - 1)).toBeLessThan(0.1);
    const weights = counts.map((_, index) => (index + 1) ** -1.05);
    const firstPart = 1 / weights.reduce((total, weight) => total + weight, 0);
    expect(Math.abs((counts[0] ?? 0) / sum / firstPart - 1)).toBeLessThan(0.15);
  });

  test("draws other tenants for another seed, and the same for the same", () => {
    expect(tenantMix(options)).toEqual(tenantMix(options));
    expect(tenantMix({ ...options, seed: 2 })).not.toEqual(tenantMix(options));
  });
});
