import { payerKey, type Payer } from "@sluice/protocol";
import { rendezvousWinner, toQuota } from "@sluice/scheduling";
import { expect, test } from "vitest";
import { createQuotaCircle } from "../testing/quota-circle.ts";

const acme: Payer = { of: "tenant", name: "acme" };
const names = ["d1", "d2", "d3"];
const costMs = 20;

test("a budget whose home leaves goes on elsewhere without a pause", async () => {
  const quota = toQuota({ dailyBudgetSeconds: 40 });
  const circle = createQuotaCircle(new Map(quota && [[payerKey(acme), quota]]));
  const { clock } = circle;
  const spenders = await Promise.all(names.map(circle.join));
  await clock.advance(1000);
  const homeName = rendezvousWinner(payerKey(acme), names);
  const home = spenders.find(({ name }) => name === homeName);
  const [other, third] = spenders.filter((spender) => spender !== home);
  let refusedCount = 0;
  const spendFor = async (durationMs: number): Promise<void> => {
    for (const endMs = clock.monotonicMs() + durationMs; clock.monotonicMs() < endMs;) {
      if (other?.request([acme], costMs) !== true) refusedCount += 1;
      other?.end(1);
      await clock.advance(costMs);
    }
  };
  await spendFor(1000);
  const left = home?.leave();
  await spendFor(5000);
  expect(refusedCount).toBe(0);
  await Promise.all([left, other?.leave(), third?.leave(), clock.advance(1000)]);
  expect(await circle.chargedMs(acme)).toBeCloseTo(circle.spentMs(acme), 3);
});
