import type { Credit } from "@sluice/protocol";
import { creditRepeatMs, decodeCreditAnswer, encodeCredit, subjects } from "@sluice/protocol";
import type { Message, Messaging } from "@sluice/messaging";
import type { Clock, Logger } from "@sluice/runtime";

/** First and longest wait after "nobody owns the pool", in milliseconds. */
const firstRetryMs = 50;
const longestRetryMs = 1000;

/** A credit on its way: sent again until its batch comes or it is closed. */
export interface OpenCredit {
  readonly creditId: string;
  readonly models: readonly string[];
  /** Sends it again, now, with what `build` makes of it then. */
  send(): void;
  /** Offers other models from now on. */
  offer(models: readonly string[]): void;
  /** Sends it no more; answers are ignored. */
  close(): void;
}

export interface OpenCreditOptions {
  readonly creditId: string;
  readonly models: readonly string[];
  readonly pool: string;
  readonly messaging: Messaging;
  readonly clock: Clock;
  readonly log: Logger;
  /** Makes the message; called for every send. */
  readonly build: (models: readonly string[]) => Credit;
}

/**
 * Opens a credit; it is not sent yet. The long poll of one `creditId`: sent again every 2 s while nothing comes, after
 * 50 ms doubling to 1 s while nobody owns the pool, and at once when its owner says that it moved.
 */
export function openCredit(options: OpenCreditOptions): OpenCredit {
  const { creditId, pool, messaging, clock, log, build } = options;
  let { models } = options;
  let poll: Disposable | undefined;
  let timer: Disposable | undefined;
  let retryMs = firstRetryMs;

  const sendIn = (delayMs: number): void => {
    timer?.[Symbol.dispose]();
    timer = clock.schedule(delayMs, send);
  };

  const onReply = (message: Message): void => {
    if (message.isNoResponders) {
      sendIn(retryMs);
      retryMs = Math.min(2 * retryMs, longestRetryMs);
      return;
    }
    const answer = decodeCreditAnswer(message.payload);
    if (answer.status === "refused") log.warn("credit refused", { creditId, reason: answer.message });
    sendIn(answer.status === "moved" ? firstRetryMs : longestRetryMs);
  };

  const send = (): void => {
    poll?.[Symbol.dispose]();
    sendIn(creditRepeatMs);
    try {
      poll = messaging.publishWithReply(subjects.credit(pool), encodeCredit(build(models)), onReply);
    } catch (error) {
      // The connection takes nothing now; the credit is sent again when its time comes.
      log.debug("credit not sent", { creditId, err: error });
    }
  };

  return {
    creditId,
    get models() {
      return models;
    },
    send,
    offer: (others) => {
      models = others;
      send();
    },
    close: () => {
      poll?.[Symbol.dispose]();
      timer?.[Symbol.dispose]();
    },
  };
}
