import { curveMs, type LatencyCurve, type RunShape } from "./latency-curve.ts";

/** What is known of the time a model takes on one worker. */
export interface LatencyProfile {
  readonly curve: LatencyCurve;
  /** Nineteen of twenty runs take at most this many times what the curve says; 1 to 2. */
  readonly margin: number;
  /** How many times as long runs take now as when the model was calibrated. */
  readonly drift: number;
}

/** The time that nineteen of twenty runs of a shape stay within, in milliseconds. */
export function boundMs({ curve, margin }: LatencyProfile, shape: RunShape): number {
  return margin * curveMs(curve, shape);
}
