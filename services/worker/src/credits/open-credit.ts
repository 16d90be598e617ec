import type { Credit } from "@sluice/protocol";
import { creditRepeatMs, decodeCreditAnswer, encodeCredit, subjects } from "@sluice/protocol";
import type { Message, Messaging } from "@sluice/messaging";
import type { Clock, Logger } from "@sluice/runtime";

/** First and longest wait after "nobody owns the pool", in milliseconds. */
const firstRetryMs = 50;
const longestRetryMs = 1000;

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
 * A credit on its way; it is not sent before {@link OpenCredit.send}. The long poll of one `creditId`: sent again every 2 s while nothing comes, after
 * 50 ms doubling to 1 s while nobody owns the pool, and at once when its owner says that it moved, until its batch comes or it is closed.
 */
export class OpenCredit {
  readonly creditId: string;
  models: readonly string[];
  /** When it was last sent, on the monotonic clock. */
  sentMs = 0;
  readonly #options: OpenCreditOptions;
  #poll: Disposable | undefined;
  #timer: Disposable | undefined;
  #retryMs = firstRetryMs;

  constructor(options: OpenCreditOptions) {
    this.creditId = options.creditId;
    this.models = options.models;
    this.#options = options;
  }

  /** Sends it again, now, with what `build` makes of it then. */
  send(): void {
    const { creditId, pool, messaging, clock, log, build } = this.#options;
    this.#poll?.[Symbol.dispose]();
    this.sentMs = clock.monotonicMs();
    this.#sendIn(creditRepeatMs);
    try {
      const payload = encodeCredit(build(this.models));
      this.#poll = messaging.publishWithReply(subjects.credit(pool), payload, {
        onReply: (message) => this.#onReply(message),
      });
    } catch (error) {
      // The connection takes nothing now; the credit is sent again when its time comes.
      log.debug("credit not sent", { creditId, err: error });
    }
  }

  /** Offers other models from now on. */
  offer(models: readonly string[]): void {
    this.models = models;
    this.send();
  }

  /** Sends it no more; answers are ignored. */
  close(): void {
    this.#poll?.[Symbol.dispose]();
    this.#timer?.[Symbol.dispose]();
  }

  #sendIn(delayMs: number): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = this.#options.clock.schedule(delayMs, () => this.send());
  }

  #onReply(message: Message): void {
    const { creditId, log } = this.#options;
    if (message.isNoResponders) {
      this.#sendIn(this.#retryMs);
      this.#retryMs = Math.min(2 * this.#retryMs, longestRetryMs);
      return;
    }
    const answer = decodeCreditAnswer(message.payload);
    if (answer.status === "refused") log.warn("credit refused", { creditId, reason: answer.message });
    this.#sendIn(answer.status === "moved" ? firstRetryMs : longestRetryMs);
  }
}
