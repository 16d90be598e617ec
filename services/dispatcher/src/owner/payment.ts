import type { Quota } from "@sluice/scheduling";
import type { Payer } from "../quotas/quota-refusals.ts";
import type { Wallets } from "../quotas/wallets.ts";

/** What a tenant with a quota pays for a request: its estimate from when it waits, and what it cost once that is known. */
export interface Payment extends Payer {
  readonly estimateMs: number;
  /** What its wallet spent on it, in worker-milliseconds; 0 = nothing, or all is settled. */
  paidMs: number;
}

/** What a tenant with a quota pays for an item of a model. */
export interface Price extends Payer {
  readonly costPerItemMs: number;
}

/** What items of a model are estimated to cost a tenant. */
interface Estimates {
  load(tenant: string, model: string): { readonly costPerItemMs: number };
}

export interface PriceOptions {
  /** `undefined` = nothing limits the tenant, and nobody counts. */
  readonly quota: Quota | undefined;
  readonly tenant: string;
  readonly model: string;
}

/** The price of a model for a tenant now, as the queue estimates its cost. */
export function priceOf(estimates: Estimates, { quota, tenant, model }: PriceOptions): Price | undefined {
  if (quota === undefined) return undefined;
  return { tenant, quota, costPerItemMs: estimates.load(tenant, model).costPerItemMs };
}

/** The payment for a request of so many items, at least 1. */
export function toPayment(price: Price | undefined, items: number): Payment | undefined {
  if (price === undefined) return undefined;
  const { tenant, quota, costPerItemMs } = price;
  return { tenant, quota, estimateMs: costPerItemMs * items, paidMs: 0 };
}

/** Pays the estimate, whether the wallet has it or not. */
export function pay(wallets: Pick<Wallets, "spend">, payment: Payment | undefined): void {
  if (payment === undefined) return;
  wallets.spend(payment, payment.estimateMs);
  payment.paidMs = payment.estimateMs;
}

/** Corrects what was paid to what the request cost; 0 = it is paid back. Does nothing for one that is settled. */
export function settlePayment(
  wallets: Pick<Wallets, "spend">,
  payment: Payment | undefined,
  costMs: number,
): void {
  if (payment === undefined || payment.paidMs === 0) return;
  wallets.spend(payment, costMs - payment.paidMs);
  payment.paidMs = 0;
}
