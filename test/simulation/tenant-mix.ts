import { type Arrivals, createRandom, drawLogNormal } from "@sluice/load-generator";
import type { Random } from "@sluice/runtime";
import { aLoad, type Load } from "./load.ts";

export interface TenantMixOptions {
  readonly tenantCount: number;
  /** Of all tenants together, in the mean. */
  readonly ratePerSecond: number;
  readonly seed: number;
  /** Length of a simulated day. */
  readonly dayMs: number;
  /** Time on and off of a tenant together. */
  readonly cycleMs: number;
}

/** Each further tenant asks for less, as its rank to this power. */
const rankPower = -1.05;
/** The part of the time that a tenant is on: any power of ten in between is as likely. */
const leastDuty = 0.01;
const burstiness = { median: 1.2, sigma: 0.9, least: 0.8, most: 20 };
const gammaPart = 0.75;
const daySwing = 0.6;

/**
 * Draws the tenants of a large service: few ask for most of the work, most are off most of the time, and their bursts differ.
 *
 * Source: fits of the public traces that ServeGen describes; Gamma gaps fit three of four tenants best, Weibull the others.
 */
export function tenantMix({ tenantCount, ratePerSecond, seed, dayMs, cycleMs }: TenantMixOptions): Load[] {
  const random = createRandom(seed, tenantCount);
  const parts = Array.from({ length: tenantCount }, (_, index) => (index + 1) ** rankPower);
  const sum = parts.reduce((total, part) => total + part, 0);
  return parts.map((part, index) => {
    const meanPerSecond = (ratePerSecond * part) / sum;
    const duty = leastDuty ** random();
    const whileOn: Arrivals = {
      kind: random() < gammaPart ? "gamma" : "weibull",
      ratePerSecond: meanPerSecond / duty,
      cv: drawCv(random),
    };
    return aLoad({
      tenant: `t${index + 1}`,
      demand: {
        kind: "diurnal",
        periodMs: dayMs,
        swing: daySwing,
        of: { kind: "onOff", while: whileOn, onMs: duty * cycleMs, offMs: (1 - duty) * cycleMs },
      },
    });
  });
}

function drawCv(random: Random): number {
  const cv = drawLogNormal(burstiness, random);
  return Math.min(burstiness.most, Math.max(burstiness.least, cv));
}
