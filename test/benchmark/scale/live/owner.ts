import type { BenchmarkScenario } from "../../scenario/scenario.ts";
import { cpuFigures } from "../../stage/cpu-meter.ts";
import { measureTenants } from "../tenants/measure-tenants.ts";

const tenantCount = 10_000;
const ratePerSecond = 10_000;
const mostOwnerMicros = 40;
/** A tenant that asks alone costs a message; one that asks for some at once shares it among them. */
const packs = [1, 4];

/** What the owner itself takes for a request, with many tenants that come one by one. */
export const owner: BenchmarkScenario = {
  name: "live/owner",
  async run({ full, onProgress }) {
    const figures: Record<string, number> = {};
    let isMet = true;
    for (const atOnce of packs) {
      onProgress(`${ratePerSecond} requests a second of ${tenantCount} tenants, ${atOnce} in a message`);
      const outcome = await measureTenants({
        tenantCount,
        ratePerSecond,
        atOnce,
        warmUpMs: 10_000,
        measuredMs: full ? 30_000 : 10_000,
      });
      const of = `${atOnce} in a message`;
      figures[`CPU of the owner for each request in µs, ${of}`] = outcome.ownerMicros;
      figures[`answered in a second, ${of}`] = outcome.load.requestsPerSecond;
      figures[`part answered, ${of}`] = outcome.answeredRatio;
      figures[`p99 in ms, ${of}`] = outcome.load.p99Ms;
      figures[`CPU of the load for each request in µs, ${of}`] = outcome.loadMicros;
      Object.assign(figures, suffix(cpuFigures(outcome.cpu), of));
      isMet &&= outcome.ownerMicros <= mostOwnerMicros && outcome.answeredRatio >= 0.99;
    }
    return {
      name: "live/owner",
      figures,
      bar: `at most ${mostOwnerMicros} µs for each request at ${ratePerSecond} a second of ${tenantCount} tenants, 0.99 of them answered`,
      isMet,
    };
  },
};

function suffix(figures: Readonly<Record<string, number>>, of: string): Record<string, number> {
  return Object.fromEntries(Object.entries(figures).map(([name, value]) => [`${name}, ${of}`, value]));
}
