import type { BatchDone, OpenRun } from "@sluice/protocol";

/** What a credit carries beside its offer. */
export interface Report {
  readonly done: readonly BatchDone[];
  /** Present on the first message of an epoch. */
  readonly openRuns?: readonly OpenRun[];
}

/** What the owner has still to be told; rides on the next credit. */
export interface ReportOutbox {
  readonly isEmpty: boolean;
  add(done: BatchDone): void;
  /** Asks that the next report lists the open runs. */
  requestOpenRuns(): void;
  /** Takes everything; the taker must put it back if it did not arrive. */
  take(): Report;
  putBack(report: Report): void;
}

/** Creates an empty outbox. @param openRuns - lists the open runs at the time they are taken */
export function createReportOutbox(openRuns: () => readonly OpenRun[]): ReportOutbox {
  let done: BatchDone[] = [];
  let areOpenRunsDue = false;
  return {
    get isEmpty() {
      return done.length === 0 && !areOpenRunsDue;
    },
    add: (report) => {
      done.push(report);
    },
    requestOpenRuns: () => {
      areOpenRunsDue = true;
    },
    take: () => {
      const report = areOpenRunsDue ? { done, openRuns: openRuns() } : { done };
      done = [];
      areOpenRunsDue = false;
      return report;
    },
    putBack: (report) => {
      done = [...report.done, ...done];
      areOpenRunsDue ||= report.openRuns !== undefined;
    },
  };
}
