import { appendFileSync } from "node:fs";

import type { SyntheticRun } from "@sluice/engine";
import type { Clock } from "@sluice/runtime";

export interface RunLogOptions {
  /** File that lines are appended to; several workers may share it. */
  readonly path: string;
  readonly worker: string;
  readonly model: string;
  readonly clock: Clock;
}

/**
 * Creates the log of a synthetic engine's runs: a line of JSON for each, appended when it ends and before it is answered, so
 * that no answer is without its run even where the process is killed. Times are wall time in milliseconds since 1970, so that
 * what workers of one machine log can be read together.
 */
export function createRunLog({ path, worker, model, clock }: RunLogOptions): (run: SyntheticRun) => void {
  // Read once: a step of the wall clock changes no run's length.
  const originMs = clock.nowMs() - clock.monotonicMs();
  return ({ startedMs, endedMs, ...run }) => {
    const line = { worker, model, startedMs: originMs + startedMs, endedMs: originMs + endedMs, ...run };
    appendFileSync(path, `${JSON.stringify(line)}\n`);
  };
}
