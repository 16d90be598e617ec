import { payerKey } from "@sluice/protocol";
import { createHomeAccount, toQuota, type HomeAccount } from "@sluice/scheduling";
import { createFakeClock, type FakeClock } from "@sluice/testing";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createBackground } from "../background.ts";
import { pay, paymentRefusal, settlePayment, toPayment, type Payment } from "../owner/payment.ts";
import type { LimitedPayer } from "./quota-refusals.ts";
import { createWallets, type Wallets } from "./wallets.ts";

const mostCostMs = 150;
/** What sums of fractions may be off by. */
const tinyMs = 1e-6;

function aPayer(of: "tenant" | "group", name: string, rateMsPerSecond: number): LimitedPayer {
  const quota = toQuota({ rateMsPerSecond });
  if (quota === undefined) throw new Error("a rate limits");
  return { of, name, quota };
}

const lab = aPayer("group", "lab", 600);
/** Three tenants of the group, one of them without a rate of its own. */
const payersOf: readonly (readonly LimitedPayer[])[] = [
  [aPayer("tenant", "one", 200), lab],
  [aPayer("tenant", "two", 500), lab],
  [lab],
];

/** Wallets of the only dispatcher, which is everybody's home. */
function createOnlyWallets(clock: FakeClock): Wallets {
  const accounts = new Map<string, HomeAccount>();
  const accountOf = (key: string): HomeAccount => {
    const account = accounts.get(key) ?? createHomeAccount();
    accounts.set(key, account);
    return account;
  };
  const quotas = new Map(payersOf.flat().map((payer) => [payerKey(payer), payer.quota]));
  return createWallets({
    self: "d1",
    homes: { dispatcherCount: 1, of: () => "d1", refresh: () => false },
    desk: {
      lease: (ask) => {
        const key = payerKey(ask);
        const quota = quotas.get(key) ?? lab.quota;
        const leased = accountOf(key).lease(quota, ask, { monotonicMs: clock.monotonicMs(), wallMs: 0 });
        return { of: ask.of, name: ask.name, ...leased };
      },
    },
    line: {
      isBusy: () => false,
      ask: () => Promise.resolve({ kind: "undelivered" }),
      close: () => undefined,
    },
    clock,
    background: createBackground(() => undefined),
  });
}

type Step =
  | { readonly kind: "request"; readonly tenant: number; readonly costMs: number }
  | { readonly kind: "end"; readonly costRatio: number }
  | { readonly kind: "pass"; readonly ms: number };

const aStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("request" as const),
      tenant: fc.nat({ max: payersOf.length - 1 }),
      costMs: fc.integer({ min: 1, max: mostCostMs }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant("end" as const), costRatio: fc.constantFrom(0, 0.5, 1) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant("pass" as const), ms: fc.integer({ min: 1, max: 120 }) }),
  },
);

/** What one payer spent from a moment on, less what was paid back. */
interface Window {
  readonly payer: LimitedPayer;
  readonly sinceMs: number;
  spentMs: number;
}

describe("the rates of a group and of its tenants", () => {
  test("are all kept in every window, whatever is let in, refused by one of them and paid back", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(aStep, { minLength: 50, maxLength: 200, size: "max" }), async (steps) => {
        const clock = createFakeClock();
        const wallets = createOnlyWallets(clock);
        const open: Payment[] = [];
        const windows: Window[] = [];
        const count = ({ payers }: Payment, costMs: number): void => {
          for (const window of windows) if (payers.includes(window.payer)) window.spentMs += costMs;
        };
        const openWindows = (): void => {
          for (const payer of new Set(payersOf.flat())) {
            windows.push({ payer, sinceMs: clock.monotonicMs(), spentMs: 0 });
          }
        };
        const request = (payers: readonly LimitedPayer[], costMs: number): void => {
          const payment = toPayment({ payers, costPerItemMs: costMs }, 1);
          if (payment === undefined) return;
          if (paymentRefusal(wallets, payment) !== undefined) return;
          pay(wallets, payment);
          count(payment, costMs);
          open.push(payment);
        };

        openWindows();
        for (const step of steps) {
          if (step.kind === "request") request(payersOf[step.tenant] ?? [], step.costMs);
          else if (step.kind === "pass") {
            await clock.advance(step.ms);
            openWindows();
          } else {
            const payment = open.shift();
            if (payment === undefined) continue;
            const costMs = payment.estimateMs * step.costRatio;
            count(payment, costMs - payment.paidMs);
            settlePayment(wallets, payment, costMs);
          }
          // One request that is let in and owed, and what a payer held when the other refused.
          const overshootMs = 2 * mostCostMs + tinyMs;
          let excessMs = 0;
          for (const { payer, sinceMs, spentMs } of windows) {
            const { rateMsPerSecond, burstMs } = payer.quota;
            const givenMs = burstMs + (rateMsPerSecond * (clock.monotonicMs() - sinceMs)) / 1000;
            excessMs = Math.max(excessMs, spentMs - givenMs);
          }
          expect(excessMs).toBeLessThanOrEqual(overshootMs);
        }
        await wallets.leave();
      }),
      { numRuns: 40, interruptAfterTimeLimit: 15_000 },
    );
  });

  test("let in what all of them pay for", async () => {
    const clock = createFakeClock();
    const wallets = createOnlyWallets(clock);
    const [one = [], two = [], three = []] = payersOf;
    const admittedOf = (payers: readonly LimitedPayer[]): number => {
      for (let count = 0; ; count++) {
        const payment = toPayment({ payers, costPerItemMs: 20 }, 1);
        if (payment !== undefined && paymentRefusal(wallets, payment) !== undefined) return count;
        pay(wallets, payment);
      }
    };
    expect(admittedOf(one)).toBe(10);
    expect(admittedOf(two)).toBe(20);
    expect(admittedOf(three)).toBe(0);
    await wallets.leave();
  });
});
