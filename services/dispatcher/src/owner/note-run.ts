import type { BatchDone } from "@sluice/protocol";
import type { BatchScheduler } from "@sluice/scheduling";
import type { PoolRoster } from "../workers/pool-roster.ts";
import type { AnswerDelay } from "./answer-delay.ts";
import type { Batch, OpenRequest } from "./open-request.ts";
import type { TenantSamples } from "./tenant-samples.ts";

/** Takes a batch that a worker reports done, which ended at `endedMs` on the owner's monotonic clock. */
export type NoteRun = (batch: Batch, report: BatchDone, endedMs: number) => void;

export interface NoteRunOptions {
  readonly samples: Pick<TenantSamples, "noteBatch">;
  readonly scheduler: Pick<BatchScheduler<OpenRequest>, "ended">;
  readonly answerDelay: Pick<AnswerDelay, "note">;
  readonly roster: Pick<PoolRoster, "signature">;
}

/** Tells how a batch ran to those who plan others, and to those who show it. */
export function createNoteRun({ samples, scheduler, answerDelay, roster }: NoteRunOptions): NoteRun {
  return (batch, report, endedMs) => {
    samples.noteBatch(batch, report, endedMs);
    const { worker, model, plan } = batch;
    // Less was run than expected, and of a batch of an earlier owner nothing was.
    if (plan === undefined || report.returned.length > 0 || report.unrun.length > 0) return;
    const { reason, predictedMs, startsAtMs } = plan;
    scheduler.ended({ worker, model, reason, predictedMs, tookMs: report.costMs });
    // A sequence takes part in steps for as long as it lasts, and costs its part of them: the rest is no delay.
    if (roster.signature(model)?.isIterative === true) return;
    answerDelay.note(endedMs - startsAtMs - report.costMs);
  };
}
