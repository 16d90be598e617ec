import { fitCurve, type RunSample, runSample } from "./fit-curve.ts";
import { curveMs, type LatencyCurve, type RunShape } from "./latency-curve.ts";
import { boundMs, type LatencyProfile } from "./latency-profile.ts";

/** Learns how long a model takes on one worker. */
export interface LatencyModel {
  /** What is known now; another object once it changed. */
  readonly profile: LatencyProfile;
  /** Whether runs take so much longer or shorter than calibrated that the model should be measured anew when its worker is idle. */
  readonly isOutgrown: boolean;
  /** Notes that a run of a shape took `ms` milliseconds. */
  observe(shape: RunShape, ms: number): void;
  /** Expected time in milliseconds. */
  predictMs(shape: RunShape): number;
  /** Time in milliseconds that nineteen of twenty runs stay within. */
  boundMs(shape: RunShape): number;
  /** Begins anew with another calibration; only the margin is kept. */
  calibrate(curve: LatencyCurve): void;
}

export interface LatencyModelOptions {
  /** The curve that was measured before the first observation. */
  readonly calibration: LatencyCurve;
}

/** Samples that the curve is fitted to: some hundred batches tell its parts apart, and a change has replaced them within seconds. */
const windowCount = 128;

/** Samples whose median is the drift: a stall of half as many batches does not move it. */
const driftCount = 32;

/** The last runs are of another speed than those before if their median differs by more than this. */
const changeRatio = 1.1;

/** Samples that are kept when the speed has changed: most of those that showed it. */
const keptCount = driftCount / 2;

/**
 * A fit costs some ten microseconds, and few samples change it little: it waits for samples that took a hundred times as long
 * together, in milliseconds, or for so many that it may cost a part of each.
 */
const samplesPerFit = 4;
const runMsPerFit = 5;
const mostSamplesPerFit = 32;

/** First runs of a shape pay for compilation and allocation. */
const coldRunCount = 2;

/** How many samples the calibration counts as, and how far the curve may leave it, after the drift. */
const anchorWeight = 4;
const ratioLimit = 4;

/** Part of the runs that the bound is to cover. */
const coveredRatio = 0.95;

/** Fits noise of a twentieth; it holds until so many runs are known as the drift looks at. */
const firstMargin = 1.1;
const mostMargin = 2;

/**
 * Creates the model of one engine's runs. Its curve is fitted to the last samples and held near the calibrated one times the drift: the
 * median of how many times as long the last runs took. So it follows what lasts, a stall of some batches hardly moves it, and shapes
 * that did not run lately are predicted as well as those that did. The margin is the 95th percentile of what remains, measured anew with
 * each fit. What was before a change of speed is forgotten: it is no noise.
 * Source: docs/decisions/0016.
 */
export function createLatencyModel(options: LatencyModelOptions): LatencyModel {
  let { calibration } = options;
  let profile: LatencyProfile = { curve: calibration, margin: firstMargin, drift: 1 };
  let samples: RunSample[] = [];
  /** Samples since the last fit, and what they took together. */
  let newCount = 0;
  let newMs = 0;
  let coldRuns = new Map<string, number>();

  /** Whether a run is one of the first of its shape; shapes within a power of two count as one. */
  const isCold = ({ items, length }: RunShape): boolean => {
    const key = `${Math.floor(Math.log2(items))}x${Math.floor(Math.log2(length))}`;
    const count = coldRuns.get(key) ?? 0;
    if (count < coldRunCount) coldRuns.set(key, count + 1);
    return count < coldRunCount;
  };

  /** Forgets what was before a change of speed. */
  const forgetOutdated = (): void => {
    if (samples.length < 2 * driftCount) return;
    const before = medianRatio(samples.slice(0, -driftCount), profile.curve);
    const change = medianRatio(samples.slice(-driftCount), profile.curve) / before;
    if (change > changeRatio || change < 1 / changeRatio) samples = samples.slice(-keptCount);
  };

  const fit = (): LatencyProfile => {
    forgetOutdated();
    const drift = medianRatio(samples.slice(-driftCount), calibration);
    const anchor = {
      fixedMs: calibration.fixedMs * drift,
      perElementMs: calibration.perElementMs * drift,
      perPairMs: calibration.perPairMs * drift,
    };
    const curve = fitCurve(samples, {
      anchor,
      leastRatio: 1 / ratioLimit,
      mostRatio: ratioLimit,
      anchorWeight,
    });
    return { curve, drift, margin: samples.length < driftCount ? profile.margin : marginOver(curve) };
  };

  /** How far above a curve 95 of 100 of the last samples stayed; the curve may be newer than they are. */
  const marginOver = (curve: LatencyCurve): number => {
    const ratios = sortedRatios(samples, curve);
    const margin = ratios[Math.ceil(coveredRatio * ratios.length) - 1] ?? firstMargin;
    return Math.min(mostMargin, Math.max(1, margin));
  };

  return {
    get profile() {
      return profile;
    },
    get isOutgrown() {
      return profile.drift > ratioLimit || profile.drift < 1 / ratioLimit;
    },
    observe: (shape, ms) => {
      if (isCold(shape)) return;
      samples.push(runSample(shape, ms));
      if (samples.length > windowCount) samples.shift();
      newCount += 1;
      newMs += ms;
      if (newCount < samplesPerFit || (newMs < runMsPerFit && newCount < mostSamplesPerFit)) return;
      newCount = 0;
      newMs = 0;
      profile = fit();
    },
    predictMs: (shape) => curveMs(profile.curve, shape),
    boundMs: (shape) => boundMs(profile, shape),
    calibrate: (curve) => {
      calibration = curve;
      profile = { curve, margin: profile.margin, drift: 1 };
      samples = [];
      coldRuns = new Map();
    },
  };
}

/** How many times as long as a curve says runs took, in the median; 1 for none. */
function medianRatio(samples: readonly RunSample[], curve: LatencyCurve): number {
  const ratios = sortedRatios(samples, curve);
  return ratios[Math.floor(ratios.length / 2)] ?? 1;
}

/** How many times as long as a curve says each run took, in order. Typed arrays sort numbers without a call for each comparison. */
function sortedRatios(samples: readonly RunSample[], curve: LatencyCurve): Float64Array {
  const ratios = new Float64Array(samples.length);
  for (const [index, { shape, ms }] of samples.entries()) ratios[index] = ms / curveMs(curve, shape);
  return ratios.sort();
}
