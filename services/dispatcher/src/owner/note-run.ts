import type { BatchDone } from "@sluice/protocol";
import type { BatchScheduler } from "@sluice/scheduling";
import type { AnswerDelay } from "./answer-delay.ts";
import type { Batch, OpenRequest } from "./open-request.ts";
import type { TenantSamples } from "./tenant-samples.ts";

/** Takes a batch that a worker reports done, which ended at `endedMs` on the owner's monotonic clock. */
export type NoteRun = (batch: Batch, report: BatchDone, endedMs: number) => void;

export interface NoteRunOptions {
  readonly samples: Pick<TenantSamples, "noteBatch">;
  readonly scheduler: Pick<BatchScheduler<OpenRequest>, "ended">;
  readonly answerDelay: Pick<AnswerDelay, "note">;
}

/** Tells how a batch ran to those who plan others, and to those who show it. */
export function createNoteRun({ samples, scheduler, answerDelay }: NoteRunOptions): NoteRun {
  return (batch, report, endedMs) => {
    samples.noteBatch(batch, report, endedMs);
    const { worker, model, plan } = batch;
    // What was returned was not run, and of a batch of an earlier owner nothing was expected.
    if (plan === undefined || report.returned.length > 0) return;
    const { reason, predictedMs, startsAtMs } = plan;
    scheduler.ended({ worker, model, reason, predictedMs, tookMs: report.costMs });
    answerDelay.note(endedMs - startsAtMs - report.costMs);
  };
}
