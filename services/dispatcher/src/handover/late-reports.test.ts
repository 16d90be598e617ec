import { describe, expect, test } from "vitest";
import { createHandOverScene, type HandOverScene } from "../testing/handover-scene.ts";
import { idsOf } from "../testing/stub-worker.ts";

/** Gives the worker a batch with `a` and `b`. */
async function startBatch({ cluster, worker, caller }: HandOverScene): Promise<string> {
  caller.send({ id: "a" }, { id: "b" });
  worker.credit();
  await cluster.clock.settle();
  return worker.batch.batchId;
}

describe("a batch that is reported while a hand-over fails", () => {
  test("is not run again when the successor took the report, and what it gave back is", async () => {
    await using scene = await createHandOverScene();
    const { cluster, old, worker } = scene;
    const batchId = await startBatch(scene);
    await scene.startSuccessor({
      onEvent: ({ type }) => {
        if (type !== "handoverPrepared" || !worker.listed.has(batchId)) return;
        cluster.nats.setJetStreamAvailable(false);
        cluster.clock.schedule(100, () => worker.done(batchId, { returned: ["b"] }));
      },
    });
    await cluster.clock.advance(4000);
    expect(worker.listed.size).toBe(0);
    cluster.nats.setJetStreamAvailable(true);
    await cluster.clock.advance(1000);
    expect(old.events.count("poolLost")).toBe(0);
    expect(old.events.count("batchDone")).toBe(1);
    worker.credit();
    await cluster.clock.settle();
    expect(worker.batches.map(idsOf)).toEqual([["a", "b"], ["b"]]);
  });

  test("is not run again when the report was lost and its worker repeats it", async () => {
    await using scene = await createHandOverScene();
    const { cluster, old, worker } = scene;
    const batchId = await startBatch(scene);
    await scene.startSuccessor({
      onEvent: ({ type }) => {
        if (type !== "handoverPrepared" || !worker.listed.delete(batchId)) return;
        cluster.nats.setJetStreamAvailable(false);
      },
    });
    await cluster.clock.advance(4000);
    cluster.nats.setJetStreamAvailable(true);
    await cluster.clock.advance(1000);
    expect(old.events.count("poolLost")).toBe(0);
    worker.done(batchId);
    await cluster.clock.advance(500);
    expect(old.events.count("batchDone")).toBe(1);
    expect(old.events.count("requestsRequeued")).toBe(0);
  });
});
