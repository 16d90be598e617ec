import type { Messaging } from "@sluice/messaging";
import type { Credit } from "@sluice/protocol";
import { encodeCredit, subjects } from "@sluice/protocol";
import type { Clock, Logger } from "@sluice/runtime";

import type { EndedBatch, Report, ReportOutbox } from "./report-outbox.ts";

/** How long a report waits for a credit to ride on, in milliseconds: an owner that hears later corrects its charges later. */
const reportDelayMs = 20;

/** A rest shorter than this, in milliseconds, is not worth a timer. */
const timerResolutionMs = 1;

/** Wait before a report that nobody received is sent again, in milliseconds. */
const retryDelayMs = 500;

/** Sends reports that no credit took along. */
export interface ReportSender {
  /**
   * Takes a report; it leaves with the next credit, or by itself: after 20 ms, or after what is being read now where it is awaited.
   * Nothing leaves once this is closed.
   */
  add(ended: EndedBatch, isAwaited: boolean): void;
  /** Sends what is there, now. */
  send(): void;
  close(): void;
}

export interface ReportSenderOptions {
  readonly pool: string;
  readonly outbox: ReportOutbox;
  readonly messaging: Messaging;
  readonly clock: Clock;
  readonly log: Logger;
  /** Makes a credit that offers nothing. */
  readonly build: (report: Report) => Credit;
}

/** Creates the sender. */
export function createReportSender(options: ReportSenderOptions): ReportSender {
  const { pool, outbox, messaging, clock, log, build } = options;
  let timer: Disposable | undefined;
  let reply: Disposable | undefined;
  let isClosed = false;
  /** When the reports that wait now began to, on the monotonic clock. */
  let waitingSinceMs = 0;

  const wakeIn = (delayMs: number, callback: () => void): void => {
    if (!isClosed) timer ??= clock.schedule(delayMs, callback);
  };

  /** A credit may have taken what the timer was set for, and what waits now came later. */
  const sendWhenDue = (): void => {
    timer = undefined;
    if (outbox.isEmpty) return;
    const leftMs = waitingSinceMs + reportDelayMs - clock.monotonicMs();
    if (leftMs >= timerResolutionMs) wakeIn(leftMs, sendWhenDue);
    else send();
  };

  const fail = (report: Report): void => {
    outbox.putBack(report);
    wakeIn(retryDelayMs, send);
  };

  const send = (): void => {
    timer?.[Symbol.dispose]();
    timer = undefined;
    if (outbox.isEmpty) return;
    const report = outbox.take(clock.monotonicMs());
    reply?.[Symbol.dispose]();
    try {
      reply = messaging.publishWithReply(subjects.credit(pool), encodeCredit(build(report)), {
        onReply: (message) => {
          if (message.isNoResponders) fail(report);
        },
      });
    } catch (error) {
      log.debug("report not sent", { err: error });
      fail(report);
    }
  };

  return {
    add: (ended, isAwaited) => {
      if (isClosed) return;
      if (outbox.isEmpty) waitingSinceMs = clock.monotonicMs();
      outbox.add(ended, clock.monotonicMs());
      // A credit of this read takes it along: those are sent before.
      if (isAwaited) clock.afterRead(send);
      else wakeIn(reportDelayMs, sendWhenDue);
    },
    send,
    close: () => {
      isClosed = true;
      timer?.[Symbol.dispose]();
      reply?.[Symbol.dispose]();
    },
  };
}
