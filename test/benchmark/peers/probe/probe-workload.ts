import type { Workload } from "../../measure/workload.ts";
import { openProbeSession, probeInputLength } from "./probe-session.ts";

/** Prime, so that a caller's number and the place in its input do not fall into step. */
const distinctCount = 251;

/** The answers of `overhead-probe`, computed beside the load before it is measured. */
export async function openProbeWorkload(): Promise<Workload> {
  const session = await openProbeSession();
  return { inputOf: probeInputOf, answerTo: (input) => session.run(input), tolerance: 1e-5 };
}

/**
 * Values from -2 to 2 in steps of 1/64, at most six digits behind the point: a peer that speaks JSON is not made to carry
 * the digits that floats without such steps have.
 */
export function probeInputOf(caller: number): Float32Array {
  return Float32Array.from(
    { length: probeInputLength },
    (_, element) => ((31 * caller + 17 * element) % distinctCount) / 64 - 2,
  );
}
