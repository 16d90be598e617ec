import { createGaps, createRandom, runOpenLoop, type LoadRecord } from "@sluice/load-generator";
import { systemClock, type Random } from "@sluice/runtime";
import type { Gateway } from "./gateway.ts";

/** Calls of many tenants at random moments, each of them as often as the others. */
export interface TenantWindow {
  readonly model: string;
  readonly tenantCount: number;
  /** Of all tenants together. */
  readonly ratePerSecond: number;
  /** Calls that a tenant makes at each of its moments; they travel together. */
  readonly atOnce: number;
  readonly timeoutMs: number;
  readonly windowMs: number;
  readonly seed: number;
}

/** Far more than wait at any time unless something is broken. */
const mostOutstanding = 50_000;

/**
 * Runs a window. Tenants take turns, in an order in which neighbours in number are far apart: one after the other is heard
 * of, and none is left out.
 */
export function runTenantWindow(gateway: Gateway, window: TenantWindow): Promise<LoadRecord> {
  const { model, tenantCount, atOnce, timeoutMs, windowMs, seed } = window;
  let callCount = 0;
  const target = {
    call: (value: number) => {
      const turn = Math.floor(callCount++ / atOnce);
      return gateway.call({ tenant: tenantOf(turn, tenantCount), model, value, timeoutMs });
    },
  };
  return runOpenLoop([target], {
    inputs: Array.from({ length: 1024 }, (_, index) => index),
    isRight: (value, answer) => value === answer,
    nextGapMs: createBursts(window, createRandom(seed, 0)),
    windowMs,
    mostOutstanding,
    clock: systemClock,
  });
}

/** Any prime above the number of tenants visits each of them before one comes again. */
const stride = 1_000_003;

export function tenantOf(turn: number, tenantCount: number): string {
  return `t${(turn * stride) % tenantCount}`;
}

/** Gaps of a Poisson process of moments, at each of which `atOnce` calls are due. */
function createBursts(
  { ratePerSecond, atOnce }: Pick<TenantWindow, "ratePerSecond" | "atOnce">,
  random: Random,
): () => number {
  const nextGapMs = createGaps({ kind: "poisson", ratePerSecond: ratePerSecond / atOnce }, random);
  let left = 0;
  return () => {
    if (left === 0) {
      left = atOnce - 1;
      return nextGapMs();
    }
    left -= 1;
    return 0;
  };
}
