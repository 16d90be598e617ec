import type { Clock } from "@sluice/runtime";

/** Longest time in one go, in milliseconds: far less than heartbeats are apart, far more than giving way takes. */
const longestTurnMs = 10;

/**
 * Takes steps to their end, in turns with everything else that the thread has to do: after 10 ms timers and messages come before
 * the next step. A step that takes longer is not interrupted.
 */
export async function takeTurns<Result>(steps: Iterator<void, Result>, clock: Clock): Promise<Result> {
  let turnStartMs = clock.monotonicMs();
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    if (clock.monotonicMs() - turnStartMs < longestTurnMs) continue;
    await new Promise<void>((resolve) => {
      clock.afterRead(resolve);
    });
    turnStartMs = clock.monotonicMs();
  }
}
