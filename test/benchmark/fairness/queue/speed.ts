import { PerformanceObserver } from "node:perf_hooks";
import { quantile } from "@sluice/load-generator";
import { systemClock } from "@sluice/runtime";
import type { TenantPolicy } from "@sluice/scheduling";
import type { BenchmarkScenario } from "../../scenario/scenario.ts";
import { createSpin, type Spin } from "./spin.ts";
import { known, middleTimes } from "./middle-times.ts";
import { createCrowd, models, plain, tenantCount, type Crowd } from "./crowd.ts";

const limits = { models, maxItems: () => 1, maxBytes: Infinity, alone: false };

/** Picks and charges between two looks at what the garbage collector did: about 40 ms. */
const windowPicks = 2000;
const warmUpWindows = 10;

/** Queues that are given the same to do. */
const twinCount = 3;

/** Next to each other come tenants that have nothing to do with each other in memory. */
const stride = 7919;

/**
 * A pick, with its charge, among a hundred thousand tenants that wait, each of them for a model or two. Three queues do the same,
 * and what counts of each pick is the middle of the three times: what the queue takes for it comes again, what the machine takes
 * from whatever runs (ticks, neighbours) hits one of the three. It is measured beside it, on arithmetic of the same length.
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
  /** Of the picks of all three queues, as the clock had them. */
  readonly clocked: Quantiles;
  readonly control: Quantiles;
}

async function measure(policyOf: (tenant: number) => TenantPolicy, windowCount: number): Promise<Times> {
  const lines = Array.from({ length: twinCount }, () => createLine(policyOf));
  const warmUp: number[] = [];
  for (let window = 0; window < warmUpWindows; window++) {
    for (const line of lines) warmUp.push(...known((await timeWindow(line)).picksMs));
  }
  const spin = createSpin(quantilesOf(warmUp).p50Us / 1000);

  const picksMs: number[] = [];
  const settlesMs: number[] = [];
  const clockedMs: number[] = [];
  const controlMs: number[] = [];
  for (let window = 0; window < windowCount; window++) {
    const twins: WindowTimes[] = [];
    for (const line of lines) twins.push(await timeWindow(line));
    picksMs.push(...middleTimes(twins.map((twin) => twin.picksMs)));
    settlesMs.push(...middleTimes(twins.map((twin) => twin.settlesMs)));
    for (const twin of twins) clockedMs.push(...known(twin.picksMs));
    controlMs.push(...timeControl(spin));
  }
  return {
    picks: quantilesOf(picksMs),
    settles: quantilesOf(settlesMs),
    clocked: quantilesOf(clockedMs),
    control: quantilesOf(controlMs),
  };
}

/** A queue whose tenants wait, and whoever comes next. */
interface Line {
  readonly queue: Crowd["queue"];
  add(): void;
}

function createLine(policyOf: (tenant: number) => TenantPolicy): Line {
  const crowd = createCrowd(policyOf);
  useOnce(crowd);
  let next = 0;
  const add = (): void => {
    crowd.queue.add(crowd.request(next * stride, models[next % models.length] ?? ""));
    next += 1;
  };
  for (let count = 0; count < 2 * tenantCount; count++) add();
  return { queue: crowd.queue, add };
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

/** In the order of the picks; Infinity for those during which garbage was collected. */
interface WindowTimes {
  readonly picksMs: readonly number[];
  readonly settlesMs: readonly number[];
}

async function timeWindow({ queue, add }: Line): Promise<WindowTimes> {
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
  const lengthMs = ({ startMs, endMs }: Span): number => {
    const isQuiet = !collections.some(
      (collection) => collection.startMs < endMs && collection.endMs > startMs,
    );
    return isQuiet ? endMs - startMs : Infinity;
  };
  const picksMs: number[] = [];
  const settlesMs: number[] = [];
  for (let pick = 0; pick < windowPicks; pick++) {
    const [startMs = NaN, pickedMs = NaN, endMs = NaN] = stamps.subarray(3 * pick, 3 * pick + 3);
    picksMs.push(lengthMs({ startMs, endMs: pickedMs }));
    settlesMs.push(lengthMs({ startMs: pickedMs, endMs }));
  }
  return { picksMs, settlesMs };
}

function figuresOf(
  where: string,
  { picks, settles, clocked, control }: Times,
): Readonly<Record<string, number>> {
  return {
    [`pick and charge p50, µs${where}`]: picks.p50Us,
    [`pick and charge p99, µs${where}`]: picks.p99Us,
    [`pick and charge p99 with what the machine took, µs${where}`]: clocked.p99Us,
    [`settle p50, µs${where}`]: settles.p50Us,
    [`settle p99, µs${where}`]: settles.p99Us,
    [`control: arithmetic p50, µs${where}`]: control.p50Us,
    [`control: arithmetic p99, µs${where}`]: control.p99Us,
  };
}
