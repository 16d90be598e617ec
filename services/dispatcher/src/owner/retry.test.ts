import { describe, expect, test } from "vitest";
import { createScene } from "../testing/scene.ts";
import { idsOf } from "../testing/stub-worker.ts";

describe("owner - requests whose run failed", () => {
  test("have their last attempt alone, so that one that always fails takes none of its mates along", async () => {
    await using scene = await createScene();
    const { cluster, worker, caller, dispatcher } = scene;
    caller.send(..."abcdefgh".split("").map((id) => ({ id })));
    const poison = "c";
    for (let batchCount = 0; batchCount < 20; batchCount++) {
      worker.credit();
      await cluster.clock.settle();
      if (worker.batches.length === batchCount) break;
      const ids = idsOf(worker.batch);
      worker.done(worker.batch.batchId, ids.includes(poison) ? { failed: ids } : {});
    }
    const poisoned = worker.batches.map(idsOf).filter((ids) => ids.includes(poison));
    expect(poisoned.map((ids) => ids.join(""))).toEqual(["abcdefgh", "abcd", "c"]);
    expect(dispatcher.events.all.filter((event) => event.type === "requestDeadLettered")).toMatchObject([
      { requestId: poison, attempt: 3 },
    ]);
  });
});
