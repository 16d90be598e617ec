import { payerKey, type Payer } from "@sluice/protocol";
import { toQuota, type Quota } from "@sluice/scheduling";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { mostCostMs, quotaSteps, startQuotaRun, type Disturbance } from "../testing/quota-steps.ts";

const one: Payer = { of: "tenant", name: "one" };
const two: Payer = { of: "tenant", name: "two" };
const lab: Payer = { of: "group", name: "lab" };

/** What sums of fractions may be off by. */
const tinyMs = 1e-3;

const quotas = new Map([
  [payerKey(one), aBudget({ dailyBudgetSeconds: 10 })],
  [payerKey(two), aBudget({ dailyBudgetSeconds: 40, rateMsPerSecond: 2000 })],
  [payerKey(lab), aBudget({ dailyBudgetSeconds: 30 })],
]);
/** A piece of the budget of each. */
const pieces = [
  { payer: one, pieceMs: 500 },
  { payer: two, pieceMs: 2000 },
  { payer: lab, pieceMs: 1500 },
];

function aBudget(terms: Parameters<typeof toQuota>[0]): Quota {
  const quota = toQuota(terms);
  if (quota === undefined) throw new Error("these terms limit nothing");
  return quota;
}

interface Account {
  readonly spentMs: number;
  readonly chargedMs: number;
  readonly pieceMs: number;
  /** What open requests had paid at dispatchers that died. */
  readonly lostMs: number;
  readonly killCount: number;
}

/** Checks the account of every payer once all is quiet, while everybody lives and when all have left. */
async function checkAccounts(
  disturbances: readonly Disturbance[],
  check: (account: Account) => void,
): Promise<void> {
  await fc.assert(
    fc.asyncProperty(quotaSteps(disturbances), async (steps) => {
      const run = await startQuotaRun(quotas, [[one, lab], [two, lab], [two]]);
      const { circle } = run;
      const checkAll = async (): Promise<void> => {
        for (const { payer, pieceMs } of pieces) {
          const chargedMs = await circle.chargedMs(payer);
          const [spentMs, lostMs] = [circle.spentMs(payer), circle.lostMs(payer)];
          check({ spentMs, chargedMs, pieceMs, lostMs, killCount: run.killCount });
        }
      };
      for (const step of steps) await run.take(step);
      await run.quiet();
      await checkAll();
      await run.end();
      await checkAll();
      expect(circle.clock.pending).toBe(0);
    }),
    { numRuns: 30, interruptAfterTimeLimit: 20_000 },
  );
}

describe("what is charged of budgets once all is quiet", () => {
  test("is what was spent, whoever joins and leaves in order", { timeout: 60_000 }, async () => {
    await checkAccounts(["join", "leave"], ({ chargedMs, spentMs }) => {
      expect(chargedMs).toBeCloseTo(spentMs, 3);
    });
  });

  test("is what was spent where dispatchers stand still for a moment, too", { timeout: 60_000 }, async () => {
    await checkAccounts(["join", "leave", "pause", "resume"], ({ chargedMs, spentMs }) => {
      expect(chargedMs).toBeCloseTo(spentMs, 3);
    });
  });

  test("is bounded where dispatchers die", { timeout: 60_000 }, async () => {
    await checkAccounts(["join", "leave", "kill"], ({ chargedMs, spentMs, pieceMs, lostMs, killCount }) => {
      // What a dispatcher owed is forgotten with it: on credit at its home and in its wallet, and a request beyond.
      expect(chargedMs).toBeGreaterThanOrEqual(spentMs - killCount * (pieceMs + mostCostMs) - tinyMs);
      // What it had reserved and leased, and what its open requests had paid, is lost.
      expect(chargedMs).toBeLessThanOrEqual(spentMs + lostMs + killCount * 3 * pieceMs + tinyMs);
    });
  });
});
