import { aSignature } from "@sluice/testing";
import { expect, test } from "vitest";
import { createNoteRun } from "./note-run.ts";
import type { Batch } from "./open-request.ts";

const batch: Batch = {
  batchId: "b1",
  creditId: "c1",
  worker: "w1",
  model: "echo",
  items: 1,
  sentAtMs: 0,
  runs: [],
  listedAtMs: undefined,
  answers: undefined,
  plan: { reason: "full", predictedMs: 10, startsAtMs: 100 },
};
const report = { batchId: "b1", costMs: 10, returned: [], failed: [], unrun: [], agoMs: 0, uselessMs: 0 };

test.each([
  ["of a batch that ends later than its start and its run say", false, [30]],
  ["not of a sequence, which lasts longer than its part of the steps", true, []],
])("createNoteRun() tells of delays: %s", (_what, isIterative, expected) => {
  const delaysMs: number[] = [];
  const noteRun = createNoteRun({
    samples: { noteBatch: () => undefined },
    scheduler: { ended: () => undefined },
    answerDelay: { note: (delayMs) => void delaysMs.push(delayMs) },
    roster: { signature: () => aSignature({ isIterative }) },
  });
  noteRun(batch, report, 140);
  expect(delaysMs).toEqual(expected);
});
