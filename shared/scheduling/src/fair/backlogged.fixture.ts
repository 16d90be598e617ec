import * as fc from "fast-check";
import { createNoise, createTestPolicies, createTestPool, type TestPool } from "./pool.fixture.ts";

/** A pool whose tenants, `t0`, `t1`, …, all have something waiting at all times. */
export interface Backlogged {
  readonly tenants: readonly { readonly weight: number; readonly meanMs: number }[];
  readonly workerCount: number;
  /** Most requests in a batch. */
  readonly most: number;
}

/** Draws such pools; the fields, for records that have others beside them. */
export const backloggedFields = {
  tenants: fc.array(fc.record({ weight: fc.constantFrom(1, 2, 5), meanMs: fc.constantFrom(1, 10, 40) }), {
    minLength: 2,
    maxLength: 4,
  }),
  workerCount: fc.integer({ min: 1, max: 4 }),
  most: fc.constantFrom(1, 4, 16),
};

/** Most that a request of {@link costsAround} costs, as a multiple of the mean. */
const mostPart = 1.9;

/** Costs around a mean, from a tenth to nearly twice of it. */
export function costsAround(meanMs: number, seed: number): () => number {
  const noise = createNoise(seed);
  return () => meanMs * (0.1 + (mostPart - 0.1) * noise());
}

export function createBackloggedPool({ tenants, workerCount, most }: Backlogged): TestPool {
  const pool = createTestPool({
    policies: createTestPolicies(
      Object.fromEntries(tenants.map(({ weight }, index) => [`t${index}`, { weight }])),
    ),
    workers: Array.from({ length: workerCount }, () => ({ models: ["a"], most })),
  });
  const depth = (workerCount + 1) * most;
  tenants.forEach(({ meanMs }, index) =>
    pool.setLoad({ tenant: `t${index}`, model: "a", depth, costMs: costsAround(meanMs, index) }),
  );
  return pool;
}

/** Largest difference so far of service by weight between two tenants, by the sum of the inverse weights. */
export function serviceDifference({ receivedMs }: TestPool, { tenants }: Backlogged): number {
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

/** What an owner lets it be at most, see `docs/protocol.md`. */
export function differenceBound(
  { worstErrorMs }: TestPool,
  { tenants, workerCount, most }: Backlogged,
): number {
  const mostCostMs = mostPart * Math.max(...tenants.map(({ meanMs }) => meanMs));
  return 2 * (mostCostMs + workerCount * most * worstErrorMs + most * mostCostMs);
}
