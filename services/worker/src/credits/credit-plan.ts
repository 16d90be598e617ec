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
 * Decides the next step: every engine that is free or about to be is offered in as many open credits as it may take batches,
 * nearly always one, and there are never more open credits than free slots. What has no slot of its own joins the newest open
 * credit.
 */
export function planCredit(forecast: Forecast, open: readonly CreditOffer[]): CreditStep {
  const offered = countOffers(open);
  const models: string[] = [];
  for (const [model, engineCount] of forecast.engineCounts) {
    if ((offered.get(model) ?? 0) < engineCount) models.push(model);
  }
  if (models.length === 0) return { kind: "none" };
  if (open.length < forecast.slotCount) return { kind: "send", models };
  const newest = open.at(-1);
  const known = new Set(newest?.models);
  const missing = models.filter((model) => !known.has(model));
  if (newest === undefined || missing.length === 0) return { kind: "none" };
  return { kind: "widen", creditId: newest.creditId, models: [...newest.models, ...missing] };
}

/** In how many open credits each model is. A worker may have a thousand models, so each credit is looked through once. */
function countOffers(open: readonly CreditOffer[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { models } of open) for (const model of models) counts.set(model, (counts.get(model) ?? 0) + 1);
  return counts;
}
