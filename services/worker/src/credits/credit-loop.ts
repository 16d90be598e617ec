import type { Messaging } from "@sluice/messaging";
import type { Credit, OpenRun, WorkBatch } from "@sluice/protocol";
import type { Clock, Logger } from "@sluice/runtime";

import type { WorkerEvent } from "../worker-event.ts";
import type { Forecast } from "../slots/forecast.ts";
import { planCredit } from "./credit-plan.ts";
import { planJoin } from "./join-plan.ts";
import { OpenCredit } from "./open-credit.ts";
import type { EndedBatch, Report } from "./report-outbox.ts";
import { createReportOutbox } from "./report-outbox.ts";
import { createReportSender } from "./report-sender.ts";
import type { RoundTrip } from "./round-trip.ts";

/** Added to the round trip, in milliseconds: what the owner and this thread need for a credit. */
const marginMs = 0.5;

/**
 * Asks the owner for work. A credit leaves shortly before an engine and a slot become free, so that the next batch arrives when
 * the running one ends; at most one for each slot is open. A model whose batches take less than a millisecond may be in all of
 * them, any other in one for each of its engines. Models that generate need no slot: while they have room for more sequences, a
 * few credits of their own are open, each for one sequence, which joins the next step. Reports of finished batches ride on
 * credits.
 */
export interface CreditLoop {
  /** Begins to send credits. */
  start(): void;
  /** Looks again at what is free, once, after what is being read now; call it whenever that changed. */
  wake(): void;
  /** Closes the credit that a batch answers. Returns whether it was open. */
  take(work: Pick<WorkBatch, "creditId" | "heldMs">): boolean;
  /** Reports a batch with the next credit; at once if its owner awaits it. */
  report(ended: EndedBatch, isAwaited: boolean): void;
  /** Sends every open credit again, for an owner that may have lost them. */
  resend(): void;
  /** Sends every open credit again, for the owner of a new epoch, with the open runs on the first. */
  announce(): void;
  /** Takes back every credit, for good. Reports still leave. */
  stop(): void;
  /** Sends what is left to report and ends; nothing is sent after it. */
  close(): void;
}

export interface CreditLoopOptions {
  readonly worker: string;
  readonly pool: string;
  /** Begins every credit id of this process; unique among workers. */
  readonly idPrefix: string;
  readonly messaging: Messaging;
  readonly clock: Clock;
  readonly log: Logger;
  readonly epoch: () => number;
  readonly forecast: (nowMs: number, withinMs: number) => Forecast;
  /** How many more sequences each model that generates can take now. */
  readonly rooms: () => ReadonlyMap<string, number>;
  /** Of credits and their batches. */
  readonly roundTrip: Pick<RoundTrip, "observe" | "p95Ms">;
  /** Whether results leave fast enough for more work. */
  readonly hasRoom: () => boolean;
  readonly maxBatchSize: (model: string) => number;
  readonly openRuns: () => readonly OpenRun[];
  /** Publishes results that are to leave after this read: a report must not overtake them. */
  readonly publishResults: () => void;
  readonly onEvent: (event: WorkerEvent) => void;
}

/** What a credit offers when it is sent. */
type Offer = Pick<Credit, "creditId" | "models" | "freeInMs">;

interface SendOptions {
  /** The open credits that it becomes one of. */
  readonly among: OpenCredit[];
  /** When it will be free; asked for every send. */
  readonly freeInMs: () => number;
}

/** Creates the loop; it sends nothing before {@link CreditLoop.start}. */
export function createCreditLoop(options: CreditLoopOptions): CreditLoop {
  const { worker, pool, idPrefix, messaging, clock, log, roundTrip, onEvent } = options;
  /** For slots. */
  const open: OpenCredit[] = [];
  /** For sequences that join. */
  const joining: OpenCredit[] = [];
  const carried = new Map<string, Report>();
  const outbox = createReportOutbox(options);
  let isOffering = false;
  let lastNumber = 0;
  let slotFreeInMs = 0;
  let wakeUp: Disposable | undefined;
  let isWakeDue = false;

  const nextId = (): string => {
    lastNumber += 1;
    return `${idPrefix}-${lastNumber}`;
  };
  const message = ({ creditId, models, freeInMs }: Offer, { told }: Report): Credit => {
    const capacity = models.reduce((most, model) => Math.max(most, options.maxBatchSize(model)), 0);
    onEvent({ type: "creditSent", creditId, models, reportCount: told.done.length });
    const { done, openRuns } = told;
    const credit = { creditId, worker, epoch: options.epoch(), models, freeInMs, capacity, done };
    return openRuns === undefined ? credit : { ...credit, openRuns };
  };
  const reports = createReportSender({
    ...options,
    outbox,
    build: (report) => message({ creditId: nextId(), models: [], freeInMs: slotFreeInMs }, report),
  });

  /** Everything a credit carried is carried again until its batch shows that the owner received it. */
  const build = (offer: Offer): Credit => {
    const before = carried.get(offer.creditId);
    if (before !== undefined) outbox.putBack(before);
    const report = outbox.take(clock.monotonicMs());
    carried.set(offer.creditId, report);
    return message(offer, report);
  };

  /** A batch that comes, runs and ends changes what is free several times in one read. */
  const wakeSoon = (): void => {
    if (isWakeDue) return;
    isWakeDue = true;
    clock.afterRead(wake);
  };

  const wake = (): void => {
    isWakeDue = false;
    if (!isOffering) return;
    wakeUp?.[Symbol.dispose]();
    const nowMs = clock.monotonicMs();
    const leadMs = roundTrip.p95Ms() + marginMs;
    const forecast = options.forecast(nowMs, leadMs);
    slotFreeInMs = forecast.freeInMs;
    if (options.hasRoom()) {
      offer(forecast);
      offerJoins();
    }
    if (forecast.nextEndMs < Infinity) {
      wakeUp = clock.schedule(Math.max(0, forecast.nextEndMs - leadMs - nowMs), wake);
    }
  };

  const offer = (forecast: Forecast): void => {
    for (;;) {
      const step = planCredit(forecast, open);
      if (step.kind === "none") return;
      if (step.kind === "widen") {
        open.find((credit) => credit.creditId === step.creditId)?.offer(step.models);
        return;
      }
      send(step.models, { among: open, freeInMs: () => slotFreeInMs });
    }
  };

  const offerJoins = (): void => {
    const rooms = options.rooms();
    for (;;) {
      const model = planJoin(rooms, joining);
      if (model === undefined) return;
      send([model], { among: joining, freeInMs: () => 0 });
    }
  };

  const send = (models: readonly string[], { among, freeInMs }: SendOptions): void => {
    const creditId = nextId();
    const credit = new OpenCredit({
      creditId,
      models,
      pool,
      messaging,
      clock,
      log,
      build: (offered) => build({ creditId, models: offered, freeInMs: freeInMs() }),
    });
    among.push(credit);
    credit.send();
  };

  const resend = (): void => {
    for (const credit of [...open, ...joining]) credit.send();
  };

  /** Takes a credit out; returns it if it was there. */
  const takeFrom = (among: OpenCredit[], creditId: string): OpenCredit | undefined => {
    const index = among.findIndex((candidate) => candidate.creditId === creditId);
    if (index === -1) return undefined;
    const [credit] = among.splice(index, 1);
    credit?.close();
    carried.delete(creditId);
    return credit;
  };

  const take: CreditLoop["take"] = ({ creditId, heldMs }) => {
    const credit = takeFrom(open, creditId) ?? takeFrom(joining, creditId);
    if (credit === undefined) return false;
    // Owners of before do not say how long they held it.
    if (heldMs !== undefined) roundTrip.observe(Math.max(0, clock.monotonicMs() - credit.sentMs - heldMs));
    return true;
  };

  return {
    start: () => {
      isOffering = true;
      wake();
    },
    wake: wakeSoon,
    take,
    report: reports.add,
    resend,
    announce: () => {
      outbox.requestOpenRuns();
      if (open.length + joining.length === 0) reports.send();
      resend();
    },
    stop: () => {
      isOffering = false;
      wakeUp?.[Symbol.dispose]();
      for (const credit of [...open.splice(0), ...joining.splice(0)]) {
        credit.offer([]);
        credit.close();
        const report = carried.get(credit.creditId);
        if (report !== undefined) outbox.putBack(report);
      }
      carried.clear();
    },
    close: () => {
      reports.send();
      reports.close();
    },
  };
}
