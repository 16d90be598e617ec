import type { Control, OpenRun } from "@sluice/protocol";

import type { OpenBatch } from "./open-batch.ts";

/** Batch ids of one generation; two are remembered. Far more than can still be on their way. */
const generationIds = 1024;

/** The batches that a worker was given and has not reported. */
export interface OpenBatches {
  readonly ids: readonly string[];
  /** What each has cost so far, in the order of the ids; `undefined` if nothing is known of any. */
  readonly costsMs: readonly number[] | undefined;
  /** Whether a batch of this id came before, open or closed. */
  isKnown(batchId: string): boolean;
  add(batch: OpenBatch): void;
  close(batch: OpenBatch): void;
  openRuns(): OpenRun[];
  /** Cancels requests and opens windows of streams; ids nobody knows are ignored. */
  control(model: string, control: Control): void;
}

/** Creates the registry. */
export function createOpenBatches(): OpenBatches {
  const open = new Map<string, OpenBatch>();
  let young = new Set<string>();
  let old = new Set<string>();
  return {
    get ids() {
      return [...open.keys()];
    },
    get costsMs() {
      const costsMs = [...open.values()].map((batch) => batch.costMs());
      return costsMs.some((costMs) => costMs > 0) ? costsMs : undefined;
    },
    isKnown: (batchId) => young.has(batchId) || old.has(batchId),
    add: (batch) => {
      const { batchId } = batch.work;
      open.set(batchId, batch);
      young.add(batchId);
      if (young.size < generationIds) return;
      old = young;
      young = new Set();
    },
    close: (batch) => {
      open.delete(batch.work.batchId);
    },
    openRuns: () => [...open.values()].flatMap((batch) => batch.openRuns()),
    control: (model, control) => {
      for (const batch of open.values()) if (batch.work.model === model) batch.control(control);
    },
  };
}
