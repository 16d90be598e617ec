import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createNoise, createTestPolicies, createTestPool, type TestPool } from "./pool.fixture.ts";

interface Tenant {
  readonly weight: number;
  readonly meanMs: number;
}

const aTenant: fc.Arbitrary<Tenant> = fc.record({
  weight: fc.constantFrom(1, 2, 5),
  meanMs: fc.constantFrom(1, 10, 40),
});
const aPool = fc.record({
  tenants: fc.array(aTenant, { minLength: 2, maxLength: 4 }),
  workerCount: fc.integer({ min: 1, max: 4 }),
  most: fc.constantFrom(1, 4, 16),
  /** After which part of the requests the owner dies, each time. */
  crashes: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 3 }),
});

/** Costs of a mean, up to 1.9 times as high. */
function costsAround(meanMs: number, seed: number): () => number {
  const noise = createNoise(seed);
  return () => meanMs * (0.1 + 1.8 * noise());
}

/** Largest difference so far of service by weight between two tenants, by the sum of the inverse weights. */
function difference({ receivedMs }: TestPool, tenants: readonly Tenant[]): number {
  let worst = 0;
  tenants.forEach(({ weight }, one) => {
    const oneMs = (receivedMs.get(`t${one}`) ?? 0) / weight;
    tenants.slice(0, one).forEach(({ weight: otherWeight }, other) => {
      const otherMs = (receivedMs.get(`t${other}`) ?? 0) / otherWeight;
      worst = Math.max(worst, Math.abs(oneMs - otherMs) / (1 / weight + 1 / otherWeight));
    });
  });
  return worst;
}

describe("the shares of createFairQueue() over takeovers", () => {
  test.each([
    { requests: 1000, numRuns: 60 },
    { requests: 30_000, numRuns: 4 },
  ])(
    "differ by no more after $requests requests than the bound of each owner, added up",
    ({ requests, numRuns }) => {
      fc.assert(
        fc.property(aPool, ({ tenants, workerCount, most, crashes }) => {
          const policies = createTestPolicies(
            Object.fromEntries(tenants.map(({ weight }, index) => [`t${index}`, { weight }])),
          );
          const workers = Array.from({ length: workerCount }, () => ({ models: ["a"], most }));
          const pool = createTestPool({ policies, workers });
          tenants.forEach(({ meanMs }, index) =>
            pool.setLoad({
              tenant: `t${index}`,
              model: "a",
              depth: (workerCount + 1) * most,
              costMs: costsAround(meanMs, index),
            }),
          );
          let worst = 0;
          let ranCount = 0;
          for (const crash of [...crashes.toSorted((a, b) => a - b), 1]) {
            const count = Math.floor(crash * requests) - ranCount;
            if (ranCount > 0) pool.takeOver();
            pool.run(count, () => {
              worst = Math.max(worst, difference(pool, tenants));
            });
            ranCount += count;
          }
          const mostCostMs = 1.9 * Math.max(...tenants.map(({ meanMs }) => meanMs));
          const inFlight = workerCount * most;
          const boundOfOwner = 2 * (mostCostMs + inFlight * pool.worstErrorMs + most * mostCostMs);
          expect(worst).toBeLessThanOrEqual((crashes.length + 1) * boundOfOwner);
        }),
        { numRuns },
      );
    },
  );
});
