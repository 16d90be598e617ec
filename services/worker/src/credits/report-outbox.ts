import type { BatchDone, Credit, OpenRun } from "@sluice/protocol";

/** A batch that has ended. */
export type EndedBatch = Omit<BatchDone, "agoMs">;

/** What was taken out for one message. */
export interface Report {
  /** On the monotonic clock. */
  readonly takenMs: number;
  /** What a credit carries beside its offer; `openRuns` are on the first message of an epoch. */
  readonly told: Pick<Credit, "done" | "openRuns">;
}

/** What the owner has still to be told; rides on the next credit. */
export interface ReportOutbox {
  readonly isEmpty: boolean;
  add(ended: EndedBatch, nowMs: number): void;
  /** Asks that the next report lists the open runs. */
  requestOpenRuns(): void;
  /** Takes everything; the taker must put it back if it did not arrive. */
  take(nowMs: number): Report;
  putBack(report: Report): void;
}

export interface ReportOutboxOptions {
  /** Lists the open runs at the time they are taken. */
  readonly openRuns: () => readonly OpenRun[];
  /** Called before reports leave: the results of their batches go first. */
  readonly publishResults: () => void;
}

/** Creates an empty outbox. */
export function createReportOutbox({ openRuns, publishResults }: ReportOutboxOptions): ReportOutbox {
  let waiting: { readonly ended: EndedBatch; readonly endedMs: number }[] = [];
  let areOpenRunsDue = false;
  return {
    get isEmpty() {
      return waiting.length === 0 && !areOpenRunsDue;
    },
    add: (ended, nowMs) => {
      waiting.push({ ended, endedMs: nowMs });
    },
    requestOpenRuns: () => {
      areOpenRunsDue = true;
    },
    take: (nowMs) => {
      publishResults();
      // There is one for each batch: no spread, see CONTRIBUTING.
      const done = waiting.map(
        ({ ended: { batchId, costMs, uselessMs, returned, failed, unrun }, endedMs }) => ({
          batchId,
          costMs,
          uselessMs,
          agoMs: nowMs - endedMs,
          returned,
          failed,
          unrun,
        }),
      );
      const told = areOpenRunsDue ? { done, openRuns: openRuns() } : { done };
      waiting = [];
      areOpenRunsDue = false;
      return { takenMs: nowMs, told };
    },
    putBack: ({ takenMs, told }) => {
      const again = told.done.map(({ agoMs, ...ended }) => ({ ended, endedMs: takenMs - agoMs }));
      waiting = [...again, ...waiting];
      areOpenRunsDue ||= told.openRuns !== undefined;
    },
  };
}
