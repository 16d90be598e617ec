import { batchingDefaults, type BatchingRules } from "@sluice/protocol";
import { aSignature } from "@sluice/testing";
import { describe, expect, test } from "vitest";
import { createScene, type Scene } from "../testing/scene.ts";

/** A pool whose only model, with batches of at most 8, has these rules. */
function createRuledScene(rules: Partial<BatchingRules>): Promise<Scene> {
  const batching = { ...batchingDefaults, ...rules };
  return createScene({ worker: { models: [aSignature({ batching })] } });
}

function send(scene: Scene, ...ids: readonly string[]): void {
  scene.caller.send(...ids.map((id) => ({ id })));
}

function idsOf({ worker }: Scene): string[][] {
  return worker.batches.map(({ requests }) => requests.map(({ id }) => id));
}

describe("owner - maxQueueDelayMs and preferredBatchSizes", () => {
  test("waits for a preferred size for as long as it may, and not longer", async () => {
    await using scene = await createRuledScene({ preferredBatchSizes: [4], maxQueueDelayMs: 20 });
    const { clock } = scene.cluster;
    scene.worker.credit();
    send(scene, "a", "b");
    await clock.advance(19);
    expect(idsOf(scene)).toEqual([]);
    await clock.advance(1);
    expect(idsOf(scene)).toEqual([["a", "b"]]);
  });

  test("sends a preferred size as soon as it can be formed, and leaves the others for the next", async () => {
    await using scene = await createRuledScene({ preferredBatchSizes: [2], maxQueueDelayMs: 20 });
    const { clock } = scene.cluster;
    scene.worker.credit();
    scene.worker.credit();
    send(scene, "a", "b", "c");
    await clock.settle();
    expect(idsOf(scene)).toEqual([["a", "b"]]);
    await clock.advance(20);
    expect(idsOf(scene)).toEqual([["a", "b"], ["c"]]);
  });

  test("keeps no request waiting for others longer than half of its time", async () => {
    await using scene = await createRuledScene({ maxQueueDelayMs: 20 });
    const { clock } = scene.cluster;
    scene.worker.credit();
    scene.caller.send({ id: "a", timeoutMs: 10 });
    await clock.advance(5);
    expect(idsOf(scene)).toEqual([["a"]]);
  });

  test("forgets what was cancelled while it waited for others", async () => {
    await using scene = await createRuledScene({ preferredBatchSizes: [2], maxQueueDelayMs: 20 });
    const { clock } = scene.cluster;
    scene.worker.credit();
    send(scene, "a");
    scene.caller.control({ cancel: ["a"] });
    await clock.advance(10);
    send(scene, "b");
    await clock.advance(19);
    expect(idsOf(scene)).toEqual([]);
    await clock.advance(1);
    expect(idsOf(scene)).toEqual([["b"]]);
  });
});

describe("owner - maxQueueSize", () => {
  test("refuses what would wait beyond it as unavailable", async () => {
    await using scene = await createRuledScene({ maxQueueSize: 2 });
    send(scene, "a", "b", "c");
    await scene.cluster.clock.settle();
    expect(scene.caller.frames).toMatchObject([
      { id: "c", code: "unavailable", details: { limit: "maxQueueSize", value: 2, actual: 3 } },
    ]);
  });
});

describe("owner - defaultQueueTimeoutMs", () => {
  test("refuses what waited for so long, though its deadline is far", async () => {
    await using scene = await createRuledScene({ defaultQueueTimeoutMs: 40 });
    const { clock } = scene.cluster;
    send(scene, "a");
    await clock.advance(39);
    expect(scene.caller.frames).toEqual([]);
    await clock.advance(1);
    expect(scene.caller.frames).toMatchObject([
      { id: "a", code: "deadlineExceeded", details: { limit: "defaultQueueTimeoutMs", value: 40 } },
    ]);
  });

  test("is shortened by a request where the model allows that", async () => {
    await using scene = await createRuledScene({ defaultQueueTimeoutMs: 40, allowTimeoutOverride: true });
    const { clock } = scene.cluster;
    scene.caller.send({ id: "short", queueTimeoutMs: 10 }, { id: "long", queueTimeoutMs: 90 });
    await clock.advance(10);
    expect(scene.caller.frames.map(({ id }) => id)).toEqual(["short"]);
    await clock.advance(30);
    expect(scene.caller.frames.map(({ id }) => id)).toEqual(["short", "long"]);
  });

  test("puts what waited for so long behind the others with delay", async () => {
    await using scene = await createRuledScene({ defaultQueueTimeoutMs: 40, timeoutAction: "delay" });
    const { clock } = scene.cluster;
    send(scene, "early");
    await clock.advance(40);
    send(scene, "late");
    await clock.advance(10);
    scene.worker.credit();
    await clock.settle();
    expect(idsOf(scene)).toEqual([["late", "early"]]);
    expect(scene.caller.frames).toEqual([]);
  });

  test("still ends what was delayed at its deadline", async () => {
    await using scene = await createRuledScene({ defaultQueueTimeoutMs: 40, timeoutAction: "delay" });
    scene.caller.send({ id: "a", timeoutMs: 1000 });
    await scene.cluster.clock.advance(1000);
    expect(scene.caller.frames).toMatchObject([{ id: "a", code: "deadlineExceeded" }]);
    expect(scene.caller.frames[0]?.details).not.toHaveProperty("limit");
  });

  test("is over once a worker has the request", async () => {
    await using scene = await createRuledScene({ defaultQueueTimeoutMs: 40 });
    scene.worker.credit();
    send(scene, "a");
    await scene.cluster.clock.advance(100);
    expect(idsOf(scene)).toEqual([["a"]]);
    expect(scene.caller.frames).toEqual([]);
  });
});

describe("owner - preserveOrdering", () => {
  test("takes requests as they came, whatever their priority and deadline", async () => {
    await using scene = await createRuledScene({ preserveOrdering: true });
    scene.caller.send({ id: "a", timeoutMs: 900 }, { id: "b", timeoutMs: 500 }, { id: "c", priority: 9 });
    scene.worker.credit();
    await scene.cluster.clock.settle();
    expect(idsOf(scene)).toEqual([["a", "b", "c"]]);
  });

  test("gives a second batch out once the first has been answered", async () => {
    await using scene = await createRuledScene({ preserveOrdering: true });
    const { clock } = scene.cluster;
    scene.worker.credit();
    scene.worker.credit();
    send(scene, "a");
    await clock.settle();
    send(scene, "b");
    await clock.settle();
    expect(idsOf(scene)).toEqual([["a"]]);
    scene.worker.done(scene.worker.batch.batchId);
    await clock.settle();
    expect(idsOf(scene)).toEqual([["a"], ["b"]]);
  });
});

describe("owner - the promise of a model", () => {
  test("is the timeout of requests that give none", async () => {
    await using scene = await createScene({ worker: { models: [aSignature({ sloMs: 50 })] } });
    const { clock } = scene.cluster;
    scene.caller.send({ id: "none", timeoutMs: 0 }, { id: "own", timeoutMs: 300 });
    await clock.advance(50);
    expect(scene.caller.frames).toMatchObject([{ id: "none", code: "deadlineExceeded" }]);
    await clock.advance(250);
    expect(scene.caller.codeOf("own")).toBe("deadlineExceeded");
  });
});
