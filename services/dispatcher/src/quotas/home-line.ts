import type { Messaging } from "@sluice/messaging";
import {
  decodeLeases,
  encodeLeaseAsks,
  leaseTimeoutMs,
  maxLeasesPerMessage,
  subjects,
  type Lease,
  type LeaseAsk,
} from "@sluice/protocol";
import type { OnDispatcherEvent } from "../event.ts";

/** The line to the homes of payers on other dispatchers. */
export interface HomeLine {
  /** Whether this home was asked and has not answered: it is asked again only then. */
  isBusy(home: string): boolean;
  /** Asks for at most {@link maxLeasesPerMessage} leases. Resolves with the answer, in the order of the asks; empty if none came. */
  ask(home: string, asks: readonly LeaseAsk[]): Promise<readonly Lease[]>;
  /** Tells what is given back, best effort, without waiting for an answer. */
  tell(home: string, asks: readonly LeaseAsk[]): void;
}

export interface HomeLineOptions {
  readonly messaging: Messaging;
  readonly onEvent: OnDispatcherEvent;
}

export function createHomeLine({ messaging, onEvent }: HomeLineOptions): HomeLine {
  const busy = new Set<string>();
  /** Homes that could not be reached the last time. */
  const silent = new Set<string>();

  const noteSilent = (home: string, error: unknown): void => {
    if (!silent.has(home)) onEvent({ type: "quotaHomeSilent", home, error });
    silent.add(home);
  };

  return {
    isBusy: (home) => busy.has(home),
    ask: async (home, asks) => {
      busy.add(home);
      try {
        const timeoutMs = leaseTimeoutMs;
        const answer = await messaging.request(subjects.quota(home), encodeLeaseAsks(asks), { timeoutMs });
        const leases = decodeLeases(answer.payload);
        silent.delete(home);
        return leases;
      } catch (error) {
        noteSilent(home, error);
        return [];
      } finally {
        busy.delete(home);
      }
    },
    tell: (home, asks) => {
      try {
        for (let start = 0; start < asks.length; start += maxLeasesPerMessage) {
          const part = asks.slice(start, start + maxLeasesPerMessage);
          messaging.publish(subjects.quota(home), encodeLeaseAsks(part));
        }
      } catch (error) {
        noteSilent(home, error);
      }
    },
  };
}
