import { encodeControl, subjects } from "@sluice/protocol";
import type { Batch, Run } from "../owner/open-request.ts";

/** A message to whoever owns the pool, as the caller would send it. */
export interface CancelMessage {
  readonly subject: string;
  readonly payload: Uint8Array;
  readonly reply: string;
}

/** Ids in one message: with names of 64 bytes each they take 64 kB. */
const idsPerMessage = 1_000;

/**
 * Makes messages of what callers gave up and workers run, which hand-over states do not say. A successor keeps them until the
 * runs are there.
 */
export function toCancelMessages(batches: Iterable<Batch>): CancelMessage[] {
  const callers = new Map<string, { readonly model: string; readonly run: Run; readonly ids: string[] }>();
  for (const { model, runs } of batches) {
    for (const run of runs) {
      if (!run.isCanceled) continue;
      const key = `${model} ${run.tenant} ${run.reply}`;
      const caller = callers.get(key);
      if (caller === undefined) callers.set(key, { model, run, ids: [run.id] });
      else caller.ids.push(run.id);
    }
  }
  const messages: CancelMessage[] = [];
  for (const { model, run, ids } of callers.values()) {
    for (let start = 0; start < ids.length; start += idsPerMessage) {
      const cancel = ids.slice(start, start + idsPerMessage);
      messages.push({
        subject: subjects.cancel(model, run.tenant),
        payload: encodeControl({ kind: "control", cancel, windows: [] }),
        reply: run.reply,
      });
    }
  }
  return messages;
}
