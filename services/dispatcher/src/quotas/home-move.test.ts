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

test("a budget whose home moves to one that joins can be spent to its end at once", async () => {
  const quota = toQuota({ dailyBudgetSeconds: 10 });
  const circle = createQuotaCircle(new Map(quota && [[payerKey(acme), quota]]));
  const { clock } = circle;
  const spenders = await Promise.all(names.map(circle.join));
  await clock.advance(1000);
  const spendTo = async (mostMs: number, forMs: number): Promise<void> => {
    for (
      const endMs = clock.monotonicMs() + forMs;
      clock.monotonicMs() < endMs;
      await clock.advance(costMs)
    ) {
      for (const spender of spenders) {
        if (circle.spentMs(acme) < mostMs && spender.request([acme], costMs)) spender.end(1);
      }
    }
  };
  await spendTo(8800, 30_000);
  expect(circle.spentMs(acme)).toBe(8800);
  spenders.push(await circle.join(newHomeBeside(names)));
  await clock.advance(1000);
  await spendTo(10_000, 5000);
  // What is less than a request may be left in each wallet.
  expect(circle.spentMs(acme)).toBeGreaterThan(10_000 - spenders.length * costMs);
  await Promise.all([...spenders.map((spender) => spender.leave()), clock.advance(1000)]);
});

/** A name that rendezvous hashing prefers to these. */
function newHomeBeside(others: readonly string[]): string {
  for (let number = 0; ; number++) {
    const name = `new-${number}`;
    if (rendezvousWinner(payerKey(acme), [...others, name]) === name) return name;
  }
}
