import { payerKey, type Payer } from "@sluice/protocol";
import { toQuota } from "@sluice/scheduling";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  mostCostMs,
  mostDispatcherCount,
  quotaSteps,
  startQuotaRun,
  type QuotaRun,
} from "../testing/quota-steps.ts";

const acme: Payer = { of: "tenant", name: "acme" };
const rateMsPerSecond = 1000;
const burstMs = 1000;
const quota = toQuota({ rateMsPerSecond, burstMs });
/** What all wallets hold, what is on credit, and a request of each dispatcher that costs more than a chunk. */
const overshootMs = (3 / 4 + 1 / 2) * burstMs + mostDispatcherCount * mostCostMs;
/** One that died is noticed after 2 s, payers have another home with the next heartbeat, and it is asked within a second. */
const returnMs = 2_000 + 500 + 1_000;

/** What was paid at all dispatchers, those that died included. */
function paidMs({ circle }: QuotaRun): number {
  return circle.spentMs(acme) + circle.lostMs(acme);
}

/** Spends as much as is let in, everywhere, and tells how much that was. */
async function spendAll(run: QuotaRun, durationMs: number): Promise<number> {
  const { clock } = run.circle;
  const beforeMs = paidMs(run);
  for (const endMs = clock.monotonicMs() + durationMs; clock.monotonicMs() < endMs;) {
    for (const spender of run.spenders) while (spender.request([acme], 20)) spender.end(1);
    await clock.advance(20);
  }
  return paidMs(run) - beforeMs;
}

/** The time from a moment until now. */
interface Window {
  readonly sinceMs: number;
  readonly paidMs: number;
  readonly disturbanceCount: number;
}

describe("the rate of a tenant", () => {
  test(
    "is bounded whoever joins, leaves, dies or stands still, and whole again 3.5 s after the last of that",
    { timeout: 60_000 },
    async () => {
      await fc.assert(
        fc.asyncProperty(quotaSteps(["join", "leave", "kill", "pause", "resume"]), async (steps) => {
          const run = await startQuotaRun(new Map(quota && [[payerKey(acme), quota]]), [[acme]]);
          const { clock } = run.circle;
          const windows: Window[] = [];
          const openWindow = (): void => {
            const { disturbanceCount } = run;
            windows.push({ sinceMs: clock.monotonicMs(), paidMs: paidMs(run), disturbanceCount });
          };
          openWindow();
          for (const step of steps) {
            // Several requests for each step, so that there is always more to pay than the rate gives.
            for (let count = step.kind === "request" ? 10 : 1; count > 0; count--) await run.take(step);
            if (step.kind === "pass") openWindow();
            let excessMs = -Infinity;
            for (const { sinceMs, paidMs: beforeMs, disturbanceCount } of windows) {
              const givenMs = burstMs + (rateMsPerSecond * (clock.monotonicMs() - sinceMs)) / 1000;
              // Each of them may move the home, which begins with a full bucket then.
              const movedMs = (run.disturbanceCount - disturbanceCount) * burstMs;
              excessMs = Math.max(excessMs, paidMs(run) - beforeMs - givenMs - movedMs);
            }
            expect(excessMs).toBeLessThanOrEqual(overshootMs);
          }
          await run.take({ kind: "resume", who: 0, ms: 1 });
          await spendAll(run, returnMs);
          expect(await spendAll(run, 5_000)).toBeGreaterThanOrEqual(5 * rateMsPerSecond - mostCostMs);
          await run.quiet();
          await run.end();
        }),
        { numRuns: 20, interruptAfterTimeLimit: 20_000 },
      );
    },
  );
});
