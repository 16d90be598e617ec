import type { Forecast } from "../slots/forecast.ts";

/** What a credit offers. */
export interface CreditOffer {
  readonly creditId: string;
  readonly models: readonly string[];
}

/** What to do about credits now. */
export type CreditStep =
  | { readonly kind: "none" }
  /** Send one more credit. */
  | { readonly kind: "send"; readonly models: readonly string[] }
  /** Send an open credit again, with more models. */
  | { readonly kind: "widen"; readonly creditId: string; readonly models: readonly string[] };

/**
 * Decides the next step: every engine that is free or about to be is offered in exactly one open credit, and there are
 * never more open credits than free slots. What has no slot of its own joins the newest open credit.
 */
export function planCredit(forecast: Forecast, open: readonly CreditOffer[]): CreditStep {
  const models: string[] = [];
  for (const [model, engineCount] of forecast.engineCounts) {
    let offeredCount = 0;
    for (const credit of open) if (credit.models.includes(model)) offeredCount += 1;
    if (offeredCount < engineCount) models.push(model);
  }
  if (models.length === 0) return { kind: "none" };
  if (open.length < forecast.slotCount) return { kind: "send", models };
  const newest = open.at(-1);
  const missing = models.filter((model) => newest !== undefined && !newest.models.includes(model));
  if (newest === undefined || missing.length === 0) return { kind: "none" };
  return { kind: "widen", creditId: newest.creditId, models: [...newest.models, ...missing] };
}
