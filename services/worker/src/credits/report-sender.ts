import type { Messaging } from "@sluice/messaging";
import type { Credit } from "@sluice/protocol";
import { encodeCredit, subjects } from "@sluice/protocol";
import type { Clock, Logger } from "@sluice/runtime";

import type { Report, ReportOutbox } from "./report-outbox.ts";

/** How long a report waits for a credit to ride on, in milliseconds: an owner that hears later corrects its charges later. */
const reportDelayMs = 20;

/** Wait before a report that nobody received is sent again, in milliseconds. */
const retryDelayMs = 500;

/** Sends reports that no credit took along. */
export interface ReportSender {
  /** Notes that the outbox is not empty. */
  expect(): void;
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

  const sendIn = (delayMs: number): void => {
    if (!isClosed) timer ??= clock.schedule(delayMs, send);
  };

  const fail = (report: Report): void => {
    outbox.putBack(report);
    sendIn(retryDelayMs);
  };

  const send = (): void => {
    timer?.[Symbol.dispose]();
    timer = undefined;
    if (outbox.isEmpty) return;
    const report = outbox.take();
    reply?.[Symbol.dispose]();
    try {
      reply = messaging.publishWithReply(subjects.credit(pool), encodeCredit(build(report)), (message) => {
        if (message.isNoResponders) fail(report);
      });
    } catch (error) {
      log.debug("report not sent", { err: error });
      fail(report);
    }
  };

  return {
    expect: () => sendIn(reportDelayMs),
    send,
    close: () => {
      isClosed = true;
      timer?.[Symbol.dispose]();
      reply?.[Symbol.dispose]();
    },
  };
}
