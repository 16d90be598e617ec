import { capacityPerSecond } from "../engine.ts";
import { aLoad } from "../load.ts";
import { receivedMs, type Span } from "../measure/engine-log.ts";
import { jainIndex } from "../measure/jain.ts";
import { createFair } from "../queues.ts";
import { simulate, type Outcome } from "../simulate.ts";
import { engines } from "./engines.ts";
import { someWorkers, upTo, type Scenario } from "./scenario.ts";

const workerCount = 2;
const engine = engines["5 + n ms, up to 32"];
const tenants = upTo(1000).map((rank) => ({ tenant: `t${rank}`, part: rank ** -1.05 }));
/** So much that about a tenth of the tenants always wait, and all others get what they ask for. */
const offeredLoad = 3;
const windowMs = 10_000;
/** With fewer requests in a window, one more or less shows in the index. */
const leastRequests = 50;

/** Tenants that wait get the same, however much more some of them ask for. */
export const manyTenants: Scenario = {
  name: "many-tenants",
  run: ({ full }) => {
    const windows = upTo(full ? 20 : 1).map((number) => ({
      fromMs: number * windowMs,
      untilMs: (number + 1) * windowMs,
    }));
    const outcome = simulateUntil((windows.length + 1) * windowMs);
    const measured = windows.map((window) => receivedByBacklogged(outcome, window));
    const worstIndex = Math.min(...measured.map(jainIndex));
    const fewest = Math.min(...measured.map(({ length }) => length));
    return {
      name: "many-tenants",
      figures: { "worst Jain's index of a window": worstIndex, "fewest tenants in it": fewest },
      bar: "Jain's index at least 0.98 in every window of 10 s, over 20 or more tenants with 50 or more requests in it",
      isMet: worstIndex >= 0.98 && fewest >= 20,
    };
  },
};

function simulateUntil(untilMs: number): Outcome {
  const parts = tenants.reduce((sum, { part }) => sum + part, 0);
  const offeredPerSecond = offeredLoad * workerCount * capacityPerSecond(engine);
  return simulate({
    queue: createFair(),
    workers: someWorkers(workerCount),
    engineOf: () => engine,
    loads: tenants.map(({ tenant, part }) =>
      aLoad({ tenant, demand: { kind: "poisson", ratePerSecond: (offeredPerSecond * part) / parts } }),
    ),
    untilMs,
    seed: 1,
  });
}

/** What each tenant received that waited all through the window and sent enough in it. */
function receivedByBacklogged({ engineLog, record }: Outcome, window: Span): number[] {
  const received = receivedMs(engineLog, window);
  return tenants
    .filter(({ tenant }) => {
      const { arrivalsMs, isBackloggedThrough } = record(tenant);
      const arrived = arrivalsMs.filter((timeMs) => timeMs >= window.fromMs && timeMs < window.untilMs);
      return arrived.length >= leastRequests && isBackloggedThrough(window);
    })
    .map(({ tenant }) => received.get(tenant) ?? 0);
}
