import type { BenchmarkScenario } from "../../scenario/scenario.ts";
import { measureTenants } from "../tenants/measure-tenants.ts";

const tenantCounts = [10, 1_000, 100_000];
/** Within the warm-up and again within what is measured, each of 100,000 tenants comes once. */
const ratePerSecond = 5_000;
const windowMs = 20_000;

/** A request costs its owner much the same, however many tenants there are. */
export const manyTenants: BenchmarkScenario = {
  name: "live/tenants",
  async run({ full, onProgress }) {
    const figures: Record<string, number> = {};
    let isMet = true;
    for (const tenantCount of tenantCounts) {
      onProgress(`${ratePerSecond} requests a second of ${tenantCount} tenants`);
      const outcome = await measureTenants({
        tenantCount,
        ratePerSecond,
        atOnce: 1,
        warmUpMs: windowMs,
        measuredMs: full ? 3 * windowMs : windowMs,
      });
      const of = `${tenantCount} tenants`;
      figures[`part answered, ${of}`] = outcome.answeredRatio;
      figures[`p99 in ms, ${of}`] = outcome.load.p99Ms;
      figures[`CPU of the owner for each request in µs, ${of}`] = outcome.ownerMicros;
      figures[`memory of the owner in MiB, ${of}`] = outcome.ownerResidentBytes / 2 ** 20;
      figures[`processors used, ${of}`] = outcome.cpu.ownCores;
      isMet &&= outcome.answeredRatio >= 0.99;
    }
    return {
      name: "live/tenants",
      figures,
      bar: `0.99 answered at ${ratePerSecond} a second, with 10 to 100,000 tenants`,
      isMet,
    };
  },
};
