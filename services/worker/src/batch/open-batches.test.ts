import { describe, expect, test } from "vitest";
import { createOpenBatch, type OpenBatch } from "./open-batch.ts";
import { createOpenBatches } from "./open-batches.ts";

function aBatch(batchId: string): OpenBatch {
  const work = {
    kind: "batch",
    batchId,
    creditId: "c",
    pool: "p",
    model: "m",
    epoch: 1,
    isReportAwaited: false,
    requests: [],
  } as const;
  return createOpenBatch(work, 0);
}

describe("createOpenBatches()", () => {
  test("knows a batch that was closed, until more than a thousand others came", () => {
    const batches = createOpenBatches();
    const first = aBatch("first");
    batches.add(first);
    batches.close(first);
    for (let count = 1; count <= 1024; count++) {
      expect(batches.isKnown("first")).toBe(true);
      const other = aBatch(`b-${count}`);
      batches.add(other);
      batches.close(other);
    }
    for (let count = 1; count <= 1024; count++) batches.add(aBatch(`later-${count}`));
    expect(batches.isKnown("first")).toBe(false);
    expect(batches.isKnown("later-1")).toBe(true);
  });
});
