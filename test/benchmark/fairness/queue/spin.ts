import { quantile } from "@sluice/load-generator";
import { systemClock } from "@sluice/runtime";

/** Work of a known length that touches no memory: whatever it takes beyond that, the machine did. */
export interface Spin {
  /** Runs once; gives the time it took, in milliseconds. */
  time(): number;
}

const probeRounds = 1000;
const probeCount = 2000;

/** Creates arithmetic that takes about as long as told. */
export function createSpin(lengthMs: number): Spin {
  let state = 1;
  const time = (rounds: number): number => {
    const startMs = systemClock.monotonicMs();
    // A linear congruential generator: no step can begin before the one before it has ended.
    for (let round = 0; round < rounds; round++) state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return systemClock.monotonicMs() - startMs;
  };
  const probes = Float64Array.from({ length: probeCount }, () => time(probeRounds)).sort();
  const rounds = Math.round((probeRounds * lengthMs) / quantile(probes, 0.5));
  return { time: () => time(rounds) };
}
