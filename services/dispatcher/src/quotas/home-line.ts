import type { Message, Messaging } from "@sluice/messaging";
import {
  decodeLeases,
  encodeLeaseAsks,
  InferenceError,
  leaseTimeoutMs,
  subjects,
  type Lease,
  type LeaseAsk,
} from "@sluice/protocol";
import type { Clock } from "@sluice/runtime";
import type { OnDispatcherEvent } from "../event.ts";

/** What became of asks. */
export type AskOutcome =
  /** The home's answer, in the order of the asks. */
  | { readonly kind: "leased"; readonly leases: readonly Lease[] }
  /** Nobody got them. */
  | { readonly kind: "undelivered" }
  /** No answer came in time. The home may have got them, or may get them yet. */
  | { readonly kind: "silent" };

/** The line to the homes of payers on other dispatchers. */
export interface HomeLine {
  /** Whether this home was asked and has not answered: it is asked again only then. */
  isBusy(home: string): boolean;
  /**
   * Asks for at most {@link maxLeasesPerMessage} leases. Resolves within {@link leaseTimeoutMs}. A home that is silent may only have
   * stood still: what becomes of the asks after all is told to `onLate`, once, if anything does within {@link lateMs}.
   */
  ask(home: string, asks: readonly LeaseAsk[], onLate: (outcome: AskOutcome) => void): Promise<AskOutcome>;
  /** Waits for late answers no longer. */
  close(): void;
}

export interface HomeLineOptions {
  readonly messaging: Pick<Messaging, "isConnected" | "publishWithReply">;
  readonly clock: Clock;
  readonly onEvent: OnDispatcherEvent;
}

/** How long an answer is waited for, in milliseconds: a process that stood still for longer has been replaced long since. */
const lateMs = 30_000;

export function createHomeLine({ messaging, clock, onEvent }: HomeLineOptions): HomeLine {
  const busy = new Set<string>();
  /** Homes that could not be reached the last time. */
  const silent = new Set<string>();
  /** Questions whose home is silent. */
  const late = new Set<Disposable>();

  const noteSilent = (home: string, error: unknown): void => {
    if (!silent.has(home)) onEvent({ type: "quotaHomeSilent", home, error });
    silent.add(home);
  };

  const read = (home: string, message: Message): AskOutcome => {
    if (message.isNoResponders) {
      noteSilent(home, new InferenceError("unavailable", `nobody subscribes ${subjects.quota(home)}`));
      return { kind: "undelivered" };
    }
    try {
      const leases = decodeLeases(message.payload);
      silent.delete(home);
      return { kind: "leased", leases };
    } catch (error) {
      noteSilent(home, error);
      return { kind: "silent" };
    }
  };

  /** @throws {InferenceError} when the asks cannot be sent. */
  const send = (home: string, asks: readonly LeaseAsk[], onOutcome: (outcome: AskOutcome) => void): void => {
    const question = messaging.publishWithReply(subjects.quota(home), encodeLeaseAsks(asks), {
      onReply: (message) => conclude(read(home, message)),
      onUnsent: (error) => {
        noteSilent(home, error);
        conclude({ kind: "undelivered" });
      },
    });
    const conclude = (outcome: AskOutcome): void => {
      close();
      onOutcome(outcome);
    };
    const giveUp = (): void => {
      noteSilent(home, new InferenceError("deadlineExceeded", "no answer came in time"));
      late.add(open);
      timer = clock.schedule(lateMs, close);
      onOutcome({ kind: "silent" });
    };
    let timer = clock.schedule(leaseTimeoutMs, giveUp);
    const close = (): void => {
      question[Symbol.dispose]();
      timer[Symbol.dispose]();
      late.delete(open);
    };
    const open: Disposable = { [Symbol.dispose]: close };
  };

  return {
    isBusy: (home) => busy.has(home),
    ask: async (home, asks, onLate) => {
      // What waited for the connection would be old when that is back.
      if (!messaging.isConnected) return { kind: "undelivered" };
      busy.add(home);
      try {
        let isLate = false;
        return await new Promise<AskOutcome>((resolve) => {
          send(home, asks, (outcome) => {
            if (isLate) onLate(outcome);
            else resolve(outcome);
            isLate = true;
          });
        });
      } catch (error) {
        noteSilent(home, error);
        return { kind: "undelivered" };
      } finally {
        busy.delete(home);
      }
    },
    close: () => {
      for (const open of late) open[Symbol.dispose]();
    },
  };
}
