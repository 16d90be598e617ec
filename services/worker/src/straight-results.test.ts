import { decodeReplyPack, subjects } from "@sluice/protocol";
import { describe, expect, test } from "vitest";

import { aRowRequest, startWorkerFixture, type WorkerFixture } from "./fixtures/worker-fixture.ts";

const reply = "sluice.v1.reply.acme.one";

/** Notes what comes, in order: the ids of results at `reply`, and those of reports. */
function watchOrder({ owner }: WorkerFixture): string[] {
  const seen: string[] = [];
  owner.messaging.subscribe(reply, ({ payload }) => {
    seen.push(...decodeReplyPack(payload).frames.map(({ id }) => `result ${id}`));
  });
  owner.messaging.subscribe(subjects.credit("default"), () => {
    for (const { batchId } of owner.credits.at(-1)?.credit.done ?? []) seen.push(`report ${batchId}`);
  });
  return seen;
}

describe("results of a worker that go straight to their callers", () => {
  test("leave before their report, which rides on the next credit at once", async () => {
    await using fixture = await startWorkerFixture();
    const { owner, results, clock } = fixture;
    const seen = watchOrder(fixture);
    owner.grant([aRowRequest("r1", { reply }), aRowRequest("r2", { reply })]);
    await clock.advance(10);
    expect(seen).toEqual(["result r1", "result r2", "report b1"]);
    expect(owner.lastOffer().done).toMatchObject([{ batchId: "b1", returned: [] }]);
    expect(results.subjects).toEqual([]);
  });

  test("leave before the reports with which a new owner is met in the same moment", async () => {
    await using fixture = await startWorkerFixture();
    const { owner, clock, engines } = fixture;
    const seen = watchOrder(fixture);
    owner.grant([aRowRequest("r1", { reply })]);
    await clock.advance(9);
    engines[0]?.control.hold();
    await clock.advance(1);
    owner.announce({ epoch: 2, state: "taken" });
    engines[0]?.control.release();
    await clock.settle();
    expect(seen.filter((what) => what !== "report b1")).toEqual(["result r1"]);
    expect(seen.indexOf("report b1")).toBeGreaterThan(seen.indexOf("result r1"));
  });

  test("leave in a drain, with their report", async () => {
    await using fixture = await startWorkerFixture();
    const { owner, clock, running, stop } = fixture;
    const seen = watchOrder(fixture);
    owner.grant([aRowRequest("r1", { reply })]);
    await clock.advance(5);
    stop();
    await clock.advance(10);
    await running;
    expect(seen).toEqual(["result r1", "report b1"]);
    expect(clock.pending).toBe(0);
  });
});
