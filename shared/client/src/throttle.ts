import { InferenceError } from "@sluice/protocol";
import type { Random } from "@sluice/runtime";
import { createRecentAnswers, windowMs } from "./recent-answers.ts";

/**
 * Keeps calls here that would most likely be refused: what a service in overload spends on refusals it cannot spend on answers.
 * Time is an argument.
 *
 * Source: "Site Reliability Engineering" (Beyer et al., 2016), chapter 21, client-side throttling.
 */
export interface Throttle {
  /** Decides about a call that would be sent now; one that is refused counts. */
  refuses(nowMs: number): boolean;
  /** A call was answered with something else than `unavailable`. */
  accepted(nowMs: number): void;
  /** A call was answered `unavailable`. */
  refused(nowMs: number): void;
}

/** Calls that may be made for each one that is accepted: two, so that it shows within moments when more are. */
const callsPerAccepted = 2;

/** Fewer calls than one a second overload nobody. Whoever calls now and then is always sent. */
const leastCalls = windowMs / 1000;

/** One call in ten always goes out: how else would it show that the overload is over? */
const mostRefusedRatio = 0.9;

/**
 * So many accepted in a row end the overload: what was refused before it says nothing any more. At the edge of the throttle,
 * where half are accepted, that happens by chance once in a thousand calls.
 */
const recoveredCount = 10;

/** The probability with which the next call is refused here. */
export function refusalProbability({
  callCount,
  acceptedCount,
}: {
  readonly callCount: number;
  readonly acceptedCount: number;
}): number {
  if (callCount < leastCalls) return 0;
  const excess = (callCount - callsPerAccepted * acceptedCount) / (callCount + 1);
  return Math.min(mostRefusedRatio, Math.max(0, excess));
}

/** Creates the throttle of one model's calls. */
export function createThrottle(random: Random): Throttle {
  const answers = createRecentAnswers();
  let acceptedInRow = 0;
  return {
    refuses: (nowMs) => {
      if (refusalProbability(answers) === 0) return false;
      answers.forget(nowMs);
      if (random() >= refusalProbability(answers)) return false;
      answers.addRefused(nowMs);
      return true;
    },
    accepted: (nowMs) => {
      acceptedInRow += 1;
      if (acceptedInRow >= recoveredCount && refusalProbability(answers) > 0) answers.clear();
      answers.addAccepted(nowMs);
    },
    refused: (nowMs) => {
      acceptedInRow = 0;
      answers.addRefused(nowMs);
    },
  };
}

/** What a call that is kept here is told to wait, in milliseconds: about as long as owners tell others that they refuse. */
const throttledRetryMs = 1000;

/** The error for a call that was refused here. */
export function throttledError(model: string): InferenceError {
  const message = `most requests for model "${model}" are refused at the moment, this one was not sent`;
  const details = { reason: "throttled" };
  return new InferenceError("unavailable", message, { details, retryAfterMs: throttledRetryMs });
}
