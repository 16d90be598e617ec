import { createLatencyModel } from "./latency-model.ts";
import type { LatencyCurve } from "./latency-curve.ts";
import { createProbe } from "./probe.ts";

/** Four workers that serve one model under a deadline, each trusting its own latency model; simulated, seeded. */
export interface ServingOptions {
  readonly calibration: LatencyCurve;
  /** What a run really takes, before noise of a twentieth. */
  readonly truthMs: (items: number, nowMs: number) => number;
  readonly durationMs: number;
  /** Part of what the workers can do with the largest batches that arrives. */
  readonly loadRatio?: number;
  /** When every worker starts again with its calibration. */
  readonly restartMs?: number;
  readonly hasProbe?: boolean;
  readonly seed?: number;
}

export interface ServingOutcome {
  /** Part of the requests that arrived within a time which were answered in time. */
  onTimeRatio(fromMs: number, untilMs: number): number;
}

const workerCount = 4;
const sloMs = 50;
const mostItems = 32;
const noiseRatio = 0.05;

/** Each idle worker takes the largest batch that is bound to end before the oldest request is late, and drops what cannot be in time. */
export function serve(options: ServingOptions): ServingOutcome {
  const {
    calibration,
    truthMs,
    durationMs,
    loadRatio = 0.5,
    restartMs = Infinity,
    hasProbe = true,
  } = options;
  const random = seededRandom(options.seed ?? 1);
  const newWorker = () => ({ model: createLatencyModel({ calibration }), probe: createProbe(), freeAtMs: 0 });
  const workers = Array.from({ length: workerCount }, newWorker);
  const meanGapMs = truthMs(mostItems, 0) / (mostItems * workerCount * loadRatio);
  const arrivals: { readonly atMs: number; isOnTime: boolean }[] = [];
  for (let atMs = 0; atMs < durationMs; atMs -= Math.log(1 - random()) * meanGapMs) {
    arrivals.push({ atMs, isOnTime: false });
  }

  let head = 0;
  let isRestarted = false;
  while (head < arrivals.length) {
    const worker = workers.reduce((first, other) => (other.freeAtMs < first.freeAtMs ? other : first));
    const nowMs = Math.max(worker.freeAtMs, arrivals[head]?.atMs ?? 0);
    if (nowMs >= restartMs && !isRestarted) {
      isRestarted = true;
      for (const each of workers) Object.assign(each, { ...newWorker(), freeAtMs: each.freeAtMs });
    }
    const { model, probe } = worker;
    const isLate = (index: number, items: number): boolean =>
      (arrivals[index]?.atMs ?? 0) + sloMs < nowMs + model.boundMs({ items, length: 1 });

    const first = head;
    let waitingUntil = head;
    while ((arrivals[waitingUntil]?.atMs ?? Infinity) <= nowMs) waitingUntil += 1;
    while (head < waitingUntil && isLate(head, 1)) head += 1;
    let items = 0;
    if (head < waitingUntil) {
      probe.accept();
      items = 1;
      while (items < mostItems && head + items < waitingUntil && !isLate(head, items + 1)) items += 1;
    } else if (hasProbe && probe.refuse(nowMs)) {
      head = Math.max(first, waitingUntil - 1);
      items = 1;
    }
    if (items === 0) continue;

    const shape = { items, length: 1 };
    const predictedMs = model.predictMs(shape);
    const isProbe = isLate(head, 1);
    const tookMs = truthMs(items, nowMs) * (1 + noiseRatio * gaussian(random));
    worker.freeAtMs = nowMs + tookMs;
    model.observe(shape, tookMs);
    if (isProbe) probe.end({ tookMs, predictedMs });
    for (const request of arrivals.slice(head, head + items)) {
      request.isOnTime = nowMs + tookMs <= request.atMs + sloMs;
    }
    head += items;
  }
  return {
    onTimeRatio: (fromMs, untilMs) => {
      const asked = arrivals.filter(({ atMs }) => atMs >= fromMs && atMs < untilMs);
      return asked.filter(({ isOnTime }) => isOnTime).length / asked.length;
    },
  };
}

/** Numbers from 0 to 1, the same for the same seed (Park and Miller). */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

/** A number of mean 0 and deviation 1. */
function gaussian(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
