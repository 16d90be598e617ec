import type { Refusal } from "@sluice/protocol";
import type { LimitedPayer } from "../quotas/quota-refusals.ts";
import type { Wallets } from "../quotas/wallets.ts";
import type { Limited } from "../tenants/limited-by.ts";

/** What is paid for a request: its estimate from when it waits, and what it cost once that is known. Each payer pays all of it. */
export interface Payment {
  readonly payers: readonly LimitedPayer[];
  readonly estimateMs: number;
  /** What each wallet spent on it, in worker-milliseconds; 0 = nothing, or all is settled. */
  paidMs: number;
}

/** What is paid for an item of a model, and by whom. */
export interface Price {
  readonly payers: readonly LimitedPayer[];
  readonly costPerItemMs: number;
}

/** What items of a model are estimated to cost a tenant. */
interface Estimates {
  load(tenant: string, model: string): { readonly costPerItemMs: number };
}

export interface PriceOptions {
  /** Those who limit the tenant. */
  readonly limitedBy: readonly Limited[];
  readonly tenant: string;
  readonly model: string;
}

/** The price of a model for a tenant now, as the queue estimates its cost; `undefined` where nobody counts. */
export function priceOf(estimates: Estimates, { limitedBy, tenant, model }: PriceOptions): Price | undefined {
  const payers: LimitedPayer[] = [];
  for (const { of, name, limits } of limitedBy) {
    if (limits.quota !== undefined) payers.push({ of, name, quota: limits.quota });
  }
  if (payers.length === 0) return undefined;
  return { payers, costPerItemMs: estimates.load(tenant, model).costPerItemMs };
}

/** The payment for a request of so many items, at least 1. */
export function toPayment(price: Price | undefined, items: number): Payment | undefined {
  if (price === undefined) return undefined;
  const { payers, costPerItemMs } = price;
  return { payers, estimateMs: costPerItemMs * items, paidMs: 0 };
}

/** Why one of the payers cannot pay now: `resourceExhausted` or `unavailable`, and none has paid; `undefined` where all can. */
export function paymentRefusal(
  wallets: Pick<Wallets, "refusal">,
  { payers, estimateMs }: Payment,
): Refusal | undefined {
  for (const payer of payers) {
    const refusal = wallets.refusal(payer, estimateMs);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

/** Pays the estimate, whether the wallets have it or not. */
export function pay(wallets: Pick<Wallets, "spend">, payment: Payment | undefined): void {
  if (payment === undefined) return;
  for (const payer of payment.payers) wallets.spend(payer, payment.estimateMs);
  payment.paidMs = payment.estimateMs;
}

/** Pays what a request has cost so far beyond what was paid. */
export function raisePayment(
  wallets: Pick<Wallets, "spend">,
  payment: Payment | undefined,
  costMs: number,
): void {
  if (payment === undefined || payment.paidMs === 0 || costMs <= payment.paidMs) return;
  for (const payer of payment.payers) wallets.spend(payer, costMs - payment.paidMs);
  payment.paidMs = costMs;
}

/** Corrects what was paid to what the request cost; 0 = it is paid back. Does nothing for one that is settled. */
export function settlePayment(
  wallets: Pick<Wallets, "spend">,
  payment: Payment | undefined,
  costMs: number,
): void {
  if (payment === undefined || payment.paidMs === 0) return;
  for (const payer of payment.payers) wallets.spend(payer, costMs - payment.paidMs);
  payment.paidMs = 0;
}
