import { aRequest } from "@sluice/testing";
import { describe, expect, test, vi } from "vitest";
import { createBatches } from "./batches.ts";
import { openRequest, type ListedRun, type OpenRequest, type Batch } from "./open-request.ts";
import { createOpenRuns } from "./open-runs.ts";

const source = {
  model: "m",
  tenant: "acme",
  reply: "_INBOX.a",
  maxBatchItems: 8,
  keepsOrder: false,
  nowMs: 0,
};

function anOpenRequest(id: string): OpenRequest {
  const placement = {
    timeoutMs: 1000,
    attempt: 0,
    runsAlone: false,
    items: 1,
    length: 1,
    bytes: 1,
    arrival: 1,
    payment: undefined,
  };
  return openRequest(aRequest({ id }), source, { id, ...placement });
}

function aBatch(): Batch {
  const place = { batchId: "b1", creditId: "", worker: "w1", model: "m", items: 1, sentAtMs: 0 };
  return { ...place, runs: [], listedAtMs: 0, plan: undefined, answers: undefined };
}

describe("createBatches()", () => {
  test("charges a run that its worker got from an earlier owner once, however often it is told of it", () => {
    const backlog = { adopt: vi.fn(), settle: vi.fn() };
    const batches = createBatches({ openRuns: createOpenRuns(), backlog });
    const batch = aBatch();
    batches.add(batch);
    const listed: ListedRun = {
      kind: "listed",
      id: "a",
      tenant: "acme",
      reply: source.reply,
      attempt: 0,
      runsAlone: false,
      batch,
      isCanceled: false,
      openHash: 0,
      nextOpen: undefined,
    };
    batches.addRun(batch, listed);
    expect(backlog.adopt).not.toHaveBeenCalled();
    const [first, second] = [anOpenRequest("a"), anOpenRequest("a")];
    batches.addRun(batch, first);
    batches.addRun(batch, second);
    expect(backlog.adopt.mock.calls).toEqual([[first], [second]]);
    expect(backlog.settle.mock.calls).toEqual([[first, 0]]);
    expect(batch.runs).toEqual([second]);
  });
});
