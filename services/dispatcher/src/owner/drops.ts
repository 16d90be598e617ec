import { InferenceError, type BatchingRules } from "@sluice/protocol";
import type { Clock } from "@sluice/runtime";
import type { DropCause, OnDispatcherEvent } from "../event.ts";
import { expiryRefusal } from "./expiry-refusal.ts";
import type { OpenRequest } from "./open-request.ts";
import type { Replies } from "./replies.ts";

/** Answers requests that waited and are not run, and counts them. */
export type Drops = (requests: readonly OpenRequest[], cause: DropCause) => void;

export interface DropsOptions {
  readonly pool: string;
  readonly replies: Pick<Replies, "refuseRequest">;
  readonly clock: Clock;
  readonly rulesOf: (model: string) => BatchingRules | undefined;
  readonly onEvent: OnDispatcherEvent;
}

export function createDrops({ pool, replies, clock, rulesOf, onEvent }: DropsOptions): Drops {
  const refusalOf = (request: OpenRequest, cause: DropCause): InferenceError => {
    const { timeoutMs } = request;
    switch (cause) {
      case "expired":
      case "queueTimeout":
        return expiryRefusal(request, rulesOf, clock.monotonicMs());
      case "late":
        return tooLate(
          `the request waited until its timeout of ${timeoutMs} ms no longer sufficed for its run`,
        );
      case "givenUp":
        return tooLate(
          `the request was given up so that others are in time: little was left of its timeout of ${timeoutMs} ms`,
        );
    }
  };

  return (requests, cause) => {
    for (const request of requests) {
      replies.refuseRequest(request, refusalOf(request, cause));
      onEvent({ type: "requestDropped", pool, model: request.model, cause });
    }
  };
}

function tooLate(message: string): InferenceError {
  return new InferenceError("deadlineExceeded", message);
}
