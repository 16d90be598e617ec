import type { Messaging } from "@sluice/messaging";
import type { BatchDone, OpenRun } from "@sluice/protocol";
import type { Clock } from "@sluice/runtime";
import { attributeCost, curveMs, type LatencyCurve, type RunShape } from "@sluice/scheduling";
import type { OnDispatcherEvent } from "../event.ts";
import type { PoolRoster } from "../workers/pool-roster.ts";
import type { Backlog } from "./backlog.ts";
import type { Batches } from "./batches.ts";
import { isAmong } from "./is-among.ts";
import { createKeptReports, type TakenReport } from "./kept-reports.ts";
import { isLastAttempt, openAgain, type Batch, type OpenRequest, type Run } from "./open-request.ts";
import type { NoteRun } from "./note-run.ts";
import type { OpenRuns } from "./open-runs.ts";
import type { Retry } from "./retry.ts";

/** Takes in what workers report with their credits. */
export interface Reports {
  /** What a worker's batches have cost so far, in worker-milliseconds, in the order of their ids. */
  soFar(worker: string, batchIds: readonly string[], costsMs: readonly number[]): void;
  /** What became of a worker's batches. While a hand-over may bring batches, and more of the requests of one, reports are kept. */
  done(worker: string, reports: readonly BatchDone[]): void;
  /** What a worker still runs for an earlier owner: requests that wait for the same are attached to it. */
  openRuns(worker: string, runs: readonly OpenRun[], nowMs: number): void;
  /** Takes in the reports that were kept: no batch comes any more. */
  settle(): void;
  /** Sends the reports that were kept to whoever owns the pool. */
  passOn(): void;
}

export interface ReportsOptions {
  readonly roster: PoolRoster;
  readonly backlog: Backlog;
  readonly batches: Batches;
  readonly openRuns: OpenRuns;
  readonly retry: Retry;
  readonly messaging: Messaging;
  readonly maxAttempts: number;
  readonly clock: Clock;
  readonly onEvent: OnDispatcherEvent;
  /** Gets every batch that a worker reports done, before what comes back of it is queued again. */
  readonly onDone: NoteRun;
  /** Whether batches may still come by hand-over. */
  readonly expectsBatches: () => boolean;
}

export function createReports(options: ReportsOptions): Reports {
  const { roster, backlog, batches, openRuns, retry, messaging, maxAttempts, clock, onEvent } = options;
  const { pool } = roster;
  const kept = createKeptReports({ pool, messaging, clock });

  /** Charges the requests that were run and ended. What failed cost time too, which nobody is charged. */
  const charge = ({ worker, model, runs }: Batch, { costMs, returned, failed, unrun }: BatchDone): void => {
    const hasRun = (run: Run): boolean => !isAmong(returned, run) && !isAmong(unrun, run);
    const curve = roster.latency(worker, model)?.curve;
    let allAloneMs = 0;
    for (const run of runs) if (hasRun(run)) allAloneMs += aloneMs(run, curve);
    const ended: OpenRequest[] = [];
    for (const run of runs) {
      if (run.kind === "request" && !isAmong(returned, run) && !isAmong(failed, run)) ended.push(run);
    }
    backlog.settleBatch(ended, (request) =>
      hasRun(request) ? attributeCost(costMs, aloneMs(request, curve), allAloneMs) : 0,
    );
  };

  const end = ({ worker: reporter, report, takenMs }: TakenReport): void => {
    const batch = batches.get(report.batchId);
    if (batch?.worker !== reporter) return;
    batches.end(batch.batchId);
    const { batchId, worker, model } = batch;
    const { costMs, uselessMs } = report;
    onEvent({ type: "batchDone", pool, model, worker, batchId, costMs, uselessMs });
    charge(batch, report);
    options.onDone(batch, report, takenMs - report.agoMs);
    if (report.returned.length === 0 && report.failed.length === 0) return;
    const { runs } = batch;
    retry.giveBack(
      batch,
      "returned",
      runs.filter((run) => isAmong(report.returned, run)),
    );
    retry.giveBack(
      batch,
      "failed",
      runs.filter((run) => isAmong(report.failed, run)),
    );
  };

  return {
    soFar: (worker, batchIds, costsMs) => {
      for (const [index, costMs] of costsMs.entries()) {
        const batch = batches.get(batchIds[index] ?? "");
        if (batch?.worker !== worker || costMs === 0) continue;
        for (const run of batch.runs) {
          if (run.kind === "request") backlog.accrue(run, costMs / batch.runs.length);
        }
      }
    },

    done: (worker, reports) => {
      const takenMs = clock.monotonicMs();
      for (const report of reports) {
        if (options.expectsBatches()) kept.keep({ worker, report, takenMs });
        else end({ worker, report, takenMs });
      }
    },

    openRuns: (worker, runs, nowMs) => {
      for (const run of runs) {
        const { id, tenant, reply, attempt, model } = run;
        const runsAlone = isLastAttempt(attempt, maxAttempts);
        const open = openRuns.find(reply, id);
        if (open?.batch !== undefined) continue;
        let batch = batches.get(run.batchId);
        if (batch === undefined) {
          batch = toBatch(worker, run, nowMs);
          batches.add(batch);
        }
        if (open?.kind === "request" && backlog.remove(open)) {
          batches.addRun(batch, openAgain(open, { attempt, runsAlone, isCanceled: false }));
          onEvent({ type: "requestAttached", pool, model });
        } else {
          const isCanceled = false;
          batches.addRun(batch, {
            kind: "listed",
            id,
            tenant,
            reply,
            attempt,
            runsAlone,
            batch,
            isCanceled,
            openHash: 0,
            nextOpen: undefined,
          });
        }
      }
    },

    settle: () => {
      for (const taken of kept.takeAll()) end(taken);
    },

    passOn: kept.passOn,
  };
}

function toBatch(worker: string, { batchId, model }: OpenRun, nowMs: number): Batch {
  return {
    batchId,
    creditId: "",
    worker,
    model,
    // Nobody here knows how many there were; what comes back from it runs alone.
    items: 1,
    sentAtMs: nowMs,
    plan: undefined,
    listedAtMs: nowMs,
    runs: [],
    answers: undefined,
  };
}

/** Nobody here knows how large a listed run is. */
const unknownShape: RunShape = { items: 1, length: 1 };

/** What a run would take alone. Where its worker has not said how long the model takes, in proportion to its items. */
function aloneMs(run: Run, curve: LatencyCurve | undefined): number {
  const shape = run.kind === "listed" ? unknownShape : run;
  return curve === undefined ? shape.items : curveMs(curve, shape);
}
