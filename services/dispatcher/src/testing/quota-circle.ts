import type { Messaging } from "@sluice/messaging";
import { buckets, decodeBudgetRecord, heartbeatIntervalMs, payerKey, type Payer } from "@sluice/protocol";
import type { Quota } from "@sluice/scheduling";
import { createFakeClock, createMemoryNats, type FakeClock, type MemoryNats } from "@sluice/testing";
import { createBackground } from "../background.ts";
import { createMembership } from "../membership/membership.ts";
import { pay, paymentRefusal, settlePayment, toPayment, type Payment } from "../owner/payment.ts";
import type { LimitedPayer } from "../quotas/quota-refusals.ts";
import { createQuotas } from "../quotas/quotas.ts";
import type { Admission } from "../tenants/tenant-rule.ts";
import { createMortalClock } from "./mortal-clock.ts";

/** A dispatcher as far as quotas go: it lets requests in, and ends them. */
export interface Spender {
  readonly name: string;
  /** Lets a request in, and tells whether it did. */
  request(payers: readonly Payer[], costMs: number): boolean;
  /** Ends the request that is open longest, at so many times its estimate (0 = it is paid back), and tells whether there was one. */
  end(costRatio: number): boolean;
  /** Gives all that is open back, and leaves in order. */
  leave(): Promise<void>;
  /** Ends it as the death of its process would. */
  kill(): void;
  /** Lets it stand still as far as others see: what comes for it waits until {@link resume}, and what it sends. */
  pause(): void;
  resume(): void;
}

/** Dispatchers that spend the same quotas, around one NATS in memory. */
export interface QuotaCircle {
  readonly clock: FakeClock;
  readonly nats: MemoryNats;
  join(name: string): Promise<Spender>;
  /** What requests cost that were let in and have ended, and what those that are open have paid. */
  spentMs(payer: Payer): number;
  /** What open requests had paid at dispatchers that were killed. */
  lostMs(payer: Payer): number;
  /** What was charged on the day; 0 where there is no record. */
  chargedMs(payer: Payer): Promise<number>;
}

/** Creates a circle with the quotas of payers, by key. */
export function createQuotaCircle(quotas: ReadonlyMap<string, Quota>): QuotaCircle {
  const clock = createFakeClock();
  const nats = createMemoryNats({ clock });
  const spent = new Map<string, number>();
  const lost = new Map<string, number>();
  const reader = nats.connect();

  const admissionOf = (payer: Payer): Admission => {
    const quota = quotas.get(payerKey(payer));
    return { kind: "admitted", limits: { models: undefined, maxQueueSeconds: Infinity, quota } };
  };
  const limited = (payers: readonly Payer[]): readonly LimitedPayer[] =>
    payers.flatMap((payer) => {
      const quota = quotas.get(payerKey(payer));
      return quota === undefined ? [] : [{ ...payer, quota }];
    });
  const count = ({ payers }: Payment, costMs: number, sums = spent): void => {
    for (const payer of payers) {
      const key = payerKey(payer);
      sums.set(key, (sums.get(key) ?? 0) + costMs);
    }
  };

  const join = async (name: string): Promise<Spender> => {
    const messaging: Messaging = nats.connect();
    const own = createMortalClock(clock);
    const onEvent = (): void => undefined;
    const background = createBackground((error) => {
      throw error;
    });
    const [dispatchers, budgets] = await Promise.all([
      messaging.keyValue(buckets.dispatchers),
      messaging.keyValue(buckets.budgets),
    ]);
    const membership = createMembership({ self: name, bucket: dispatchers, messaging, clock: own, onEvent });
    const desk = createQuotas({
      self: name,
      membership,
      policies: {
        admission: (tenant) => admissionOf({ of: "tenant", name: tenant }),
        groupAdmission: (group) => admissionOf({ of: "group", name: group }),
      },
      budgets,
      messaging,
      clock: own,
      background,
      onEvent,
    });
    const open: Payment[] = [];
    await membership.start();
    desk.start();
    const beat = own.every(heartbeatIntervalMs, () => {
      background.start(membership.beat);
      desk.tick();
    });
    const settle = (payment: Payment, costRatio: number): void => {
      const costMs = payment.estimateMs * costRatio;
      count(payment, costMs - payment.paidMs);
      settlePayment(desk.wallets, payment, costMs);
    };
    return {
      name,
      request: (payers, costMs) => {
        const payment = toPayment({ payers: limited(payers), costPerItemMs: costMs }, 1);
        if (payment === undefined || paymentRefusal(desk.wallets, payment) !== undefined) return false;
        pay(desk.wallets, payment);
        count(payment, costMs);
        open.push(payment);
        return true;
      },
      end: (costRatio) => {
        const payment = open.shift();
        if (payment !== undefined) settle(payment, costRatio);
        return payment !== undefined;
      },
      leave: async () => {
        for (const payment of open.splice(0)) settle(payment, 0);
        await membership.leave();
        await desk.leave();
        await background.settled();
        beat[Symbol.dispose]();
        await messaging.close();
      },
      kill: () => {
        for (const payment of open.splice(0)) {
          count(payment, -payment.paidMs);
          count(payment, payment.paidMs, lost);
        }
        own.die();
        nats.kill(messaging);
      },
      pause: () => nats.stall(messaging),
      resume: () => nats.resume(messaging),
    };
  };

  return {
    clock,
    nats,
    join,
    spentMs: (payer) => spent.get(payerKey(payer)) ?? 0,
    lostMs: (payer) => lost.get(payerKey(payer)) ?? 0,
    chargedMs: async (payer) => {
      const bucket = await reader.keyValue(buckets.budgets);
      const entry = await bucket.get(payerKey(payer));
      return entry === undefined ? 0 : decodeBudgetRecord(entry.value).daySpentMs;
    },
  };
}
