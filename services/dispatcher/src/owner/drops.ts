import { createRefusal, type BatchingRules, type Refusal } from "@sluice/protocol";
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
  const refusalOf = (request: OpenRequest, cause: DropCause): Refusal => {
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
    const counts = new Map<string, number>();
    for (const request of requests) {
      const { model } = request;
      replies.refuseRequest(request, refusalOf(request, cause));
      counts.set(model, (counts.get(model) ?? 0) + 1);
    }
    for (const [model, count] of counts) onEvent({ type: "requestsDropped", pool, model, cause, count });
  };
}

function tooLate(message: string): Refusal {
  return createRefusal("deadlineExceeded", message);
}
