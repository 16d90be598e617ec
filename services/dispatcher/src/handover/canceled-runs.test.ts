import { describe, expect, test } from "vitest";
import { createHandOverScene, type HandOverScene } from "../testing/handover-scene.ts";
import { idsOf } from "../testing/stub-worker.ts";

/** Has the worker run `a` and `b`, of which the caller gives `a` up. */
async function cancelRunning({ cluster, worker, caller }: HandOverScene): Promise<void> {
  caller.send({ id: "a" }, { id: "b" });
  worker.credit();
  await cluster.clock.settle();
  caller.control({ cancel: ["a"] });
  await cluster.clock.settle();
  expect(worker.controls).toHaveLength(1);
}

describe("a running request that was cancelled before a hand-over", () => {
  test.each(["before the pool is the successor's", "after it"])(
    "is not run again when its worker gives it back %s",
    async (moment) => {
      await using scene = await createHandOverScene();
      const { cluster, worker, caller } = scene;
      await cancelRunning(scene);
      const { batchId } = worker.batch;
      const giveBack = (): void => worker.done(batchId, { returned: ["a", "b"] });
      const successor = await scene.startSuccessor({
        onEvent: ({ type }) => {
          if (type === "handoverPrepared" && moment !== "after it") giveBack();
        },
      });
      await cluster.clock.advance(500);
      expect(successor.events.count("poolOwned")).toBe(1);
      if (moment === "after it") giveBack();
      worker.credit({ epoch: 2, openRuns: [] });
      await cluster.clock.settle();
      expect(worker.batches.map(idsOf)).toEqual([["a", "b"], ["b"]]);
      expect(caller.codeOf("a")).toBe("canceled");
    },
  );

  test("is cancelled by the successor at a worker that was cut off when the old owner told it", async () => {
    await using scene = await createHandOverScene();
    const { cluster, worker, caller } = scene;
    await cancelRunning(scene);
    const successor = await scene.startSuccessor();
    await cluster.clock.advance(500);
    expect(successor.events.count("poolOwned")).toBe(1);
    const told = worker.controls.length;
    await cluster.clock.advance(500);
    expect(worker.controls.slice(told)).toEqual([
      { kind: "control", reply: caller.reply, cancel: ["a"], windows: [] },
    ]);
  });
});
