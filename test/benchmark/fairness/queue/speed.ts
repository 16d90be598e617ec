import { PerformanceObserver } from "node:perf_hooks";
import { quantile } from "@sluice/load-generator";
import { systemClock } from "@sluice/runtime";
import type { TenantPolicy } from "@sluice/scheduling";
import type { BenchmarkScenario } from "../../scenario/scenario.ts";
import { createSpin, type Spin } from "./spin.ts";
import { createCrowd, models, plain, tenantCount, type Crowd } from "./crowd.ts";

const limits = { models, maxItems: () => 1, maxBytes: Infinity, alone: false };

/** Picks and charges between two looks at what the garbage collector did: about 40 ms. */
const windowPicks = 2000;
const warmUpWindows = 10;

/** Next to each other come tenants that have nothing to do with each other in memory. */
const stride = 7919;

/**
 * A pick, with its charge, among a hundred thousand tenants that wait, each of them for a model or two. What the machine takes
 * from whatever runs for so long (ticks, neighbours) is measured beside it, on arithmetic of the same length.
 */
export const queueSpeed: BenchmarkScenario = {
  name: "queue/speed",
  run: async ({ full }) => {
    const windowCount = full ? 1000 : 150;
    const alone = await measure((index) => ({ ...plain, weight: 1 + (index % 3) }), windowCount);
    const grouped = await measure((index) => ({ ...plain, group: `group-${index % 100}` }), windowCount);
    return {
      name: "queue/speed",
      figures: { ...figuresOf("", alone), ...figuresOf(", in 100 groups", grouped) },
      bar: "p99 of a pick with its charge at most 20 µs with 100,000 tenants, garbage collection left out",
      isMet: alone.picks.p99Us <= 20,
    };
  },
};

/** How long something took, in microseconds. */
interface Quantiles {
  readonly p50Us: number;
  readonly p99Us: number;
}

interface Times {
  readonly picks: Quantiles;
  readonly settles: Quantiles;
  readonly control: Quantiles;
  /** Of the picks of the window in which it was least: other work on the machine does not hit all windows. */
  readonly leastP99Us: number;
}

async function measure(policyOf: (tenant: number) => TenantPolicy, windowCount: number): Promise<Times> {
  const crowd = createCrowd(policyOf);
  useOnce(crowd);
  let next = 0;
  const add = (): void => {
    crowd.queue.add(crowd.request(next * stride, models[next % models.length] ?? ""));
    next += 1;
  };
  for (let count = 0; count < 2 * tenantCount; count++) add();

  const warmUp: number[] = [];
  for (let window = 0; window < warmUpWindows; window++)
    warmUp.push(...(await timeWindow(crowd, add)).picksMs);
  const spin = createSpin(quantilesOf(warmUp).p50Us / 1000);

  const picksMs: number[] = [];
  const settlesMs: number[] = [];
  const controlMs: number[] = [];
  let leastP99Us = Infinity;
  for (let window = 0; window < windowCount; window++) {
    const times = await timeWindow(crowd, add);
    picksMs.push(...times.picksMs);
    settlesMs.push(...times.settlesMs);
    controlMs.push(...timeControl(spin));
    leastP99Us = Math.min(leastP99Us, quantilesOf(times.picksMs).p99Us);
  }
  return {
    picks: quantilesOf(picksMs),
    settles: quantilesOf(settlesMs),
    control: quantilesOf(controlMs),
    leastP99Us,
  };
}

/**
 * Serves a few requests whose costs are fractions. V8 lays records out for whole numbers until it sees the first fraction in one,
 * and makes each older record anew when it is touched next: a queue in use is past that.
 */
function useOnce({ queue, request }: Crowd): void {
  for (let tenant = 0; tenant < 3 * models.length; tenant++) {
    queue.add(request(tenant, models[tenant % models.length] ?? ""));
  }
  const taken = [];
  for (let batch = queue.take(limits, 0); batch.length > 0; batch = queue.take(limits, 0))
    taken.push(...batch);
  for (const entry of taken) queue.settle(entry, 1 / 3);
}

function timeControl(spin: Spin): number[] {
  return Array.from({ length: windowPicks }, () => spin.time());
}

function quantilesOf(timesMs: readonly number[]): Quantiles {
  const sorted = Float64Array.from(timesMs).sort();
  return { p50Us: 1000 * quantile(sorted, 0.5), p99Us: 1000 * quantile(sorted, 0.99) };
}

interface Span {
  readonly startMs: number;
  readonly endMs: number;
}

/** Times picks, and settles, during which no garbage was collected. */
async function timeWindow(
  { queue }: Crowd,
  add: () => void,
): Promise<{ readonly picksMs: number[]; readonly settlesMs: number[] }> {
  const collections: Span[] = [];
  const observer = new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) {
      collections.push({ startMs: startTime, endMs: startTime + duration });
    }
  });
  observer.observe({ entryTypes: ["gc"] });
  const stamps = new Float64Array(3 * windowPicks);
  for (let pick = 0; pick < windowPicks; pick++) {
    stamps[3 * pick] = systemClock.monotonicMs();
    const [entry] = queue.take(limits, 0);
    stamps[3 * pick + 1] = systemClock.monotonicMs();
    if (entry === undefined) throw new Error("nothing was picked");
    queue.settle(entry, 1 + (pick % 17));
    stamps[3 * pick + 2] = systemClock.monotonicMs();
    add();
  }
  // The observer is told in a later turn.
  await systemClock.sleep(1);
  observer.disconnect();
  const isQuiet = ({ startMs, endMs }: Span): boolean =>
    !collections.some((collection) => collection.startMs < endMs && collection.endMs > startMs);
  const picksMs: number[] = [];
  const settlesMs: number[] = [];
  for (let pick = 0; pick < windowPicks; pick++) {
    const [startMs = NaN, pickedMs = NaN, endMs = NaN] = stamps.subarray(3 * pick, 3 * pick + 3);
    if (isQuiet({ startMs, endMs: pickedMs })) picksMs.push(pickedMs - startMs);
    if (isQuiet({ startMs: pickedMs, endMs })) settlesMs.push(endMs - pickedMs);
  }
  return { picksMs, settlesMs };
}

function figuresOf(
  where: string,
  { picks, settles, control, leastP99Us }: Times,
): Readonly<Record<string, number>> {
  return {
    [`pick and charge p50, µs${where}`]: picks.p50Us,
    [`pick and charge p99, µs${where}`]: picks.p99Us,
    [`pick and charge p99 of the best 2,000, µs${where}`]: leastP99Us,
    [`settle p50, µs${where}`]: settles.p50Us,
    [`settle p99, µs${where}`]: settles.p99Us,
    [`control: arithmetic p50, µs${where}`]: control.p50Us,
    [`control: arithmetic p99, µs${where}`]: control.p99Us,
  };
}
