import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  backloggedFields,
  createBackloggedPool,
  differenceBound,
  serviceDifference,
} from "./backlogged.fixture.ts";

const aPool = fc.record({
  ...backloggedFields,
  /** After which part of the requests the owner dies, each time. */
  crashes: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 3 }),
});

describe("the shares of createFairQueue() over takeovers", () => {
  test.each([
    { requests: 1000, numRuns: 60 },
    { requests: 30_000, numRuns: 4 },
  ])(
    "differ by no more after $requests requests than the bound of each owner, added up",
    ({ requests, numRuns }) => {
      fc.assert(
        fc.property(aPool, ({ crashes, ...backlogged }) => {
          const pool = createBackloggedPool(backlogged);
          let worst = 0;
          let ranCount = 0;
          for (const crash of [...crashes.toSorted((a, b) => a - b), 1]) {
            const count = Math.floor(crash * requests) - ranCount;
            if (ranCount > 0) pool.takeOver();
            pool.run(count, () => {
              worst = Math.max(worst, serviceDifference(pool, backlogged));
            });
            ranCount += count;
          }
          expect(worst).toBeLessThanOrEqual((crashes.length + 1) * differenceBound(pool, backlogged));
        }),
        { numRuns },
      );
    },
  );
});
