import type { ClientEvent } from "@sluice/client";
import type { CliContext } from "../cli-context.ts";

/** What is known of the connection of a call. */
export interface ConnectionWatch {
  readonly isLost: boolean;
  /** Takes what the call's client tells. */
  readonly noteEvent: (event: ClientEvent) => void;
}

/** Tells people that the connection of their call is lost, and that it is back: the call may wait for it until its time is over. */
export function watchConnection({ note }: Pick<CliContext, "note">): ConnectionWatch {
  let isLost = false;
  return {
    get isLost() {
      return isLost;
    },
    noteEvent: ({ type }) => {
      if (type === "disconnected") {
        isLost = true;
        note("the connection to NATS is lost, trying to get it back");
      } else if (type === "reconnected") {
        isLost = false;
        note("connected again");
      }
    },
  };
}
