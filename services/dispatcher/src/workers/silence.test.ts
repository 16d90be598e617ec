import { describe, expect, test } from "vitest";
import { createCluster } from "../testing/cluster.ts";
import { createScene } from "../testing/scene.ts";
import { idsOf } from "../testing/stub-worker.ts";

describe("a dispatcher that hears nothing at all, as when its server stands still", () => {
  test.each([1900, 2400, 3000, 8000])(
    "loses no worker within %i ms, and runs nothing again",
    async (forMs) => {
      await using scene = await createScene();
      const { cluster, dispatcher, worker, caller } = scene;
      caller.send({ id: "running" });
      worker.credit();
      await cluster.clock.advance(500);
      cluster.nats.stall(dispatcher.messaging);
      await cluster.clock.advance(forMs / 2);
      caller.send({ id: "waiting" });
      await cluster.clock.advance(forMs / 2);
      cluster.nats.resume(dispatcher.messaging);
      await cluster.clock.advance(3000);
      worker.credit();
      await cluster.clock.settle();
      expect(dispatcher.events.count("workerLost")).toBe(0);
      expect(worker.batches.map(idsOf)).toEqual([["running"], ["waiting"]]);
      expect(caller.frames).toEqual([]);
    },
  );

  test("takes no batch for lost that reaches its worker only afterwards", async () => {
    await using cluster = createCluster();
    const dispatcher = await cluster.start("d1");
    const messaging = cluster.nats.connect();
    const worker = cluster.worker({ messaging });
    const caller = cluster.caller();
    await cluster.clock.advance(1000);
    caller.send({ id: "a" });
    cluster.nats.stall(messaging);
    worker.credit();
    cluster.nats.resume(messaging);
    cluster.nats.stall(messaging);
    await cluster.clock.settle();
    cluster.nats.stall(dispatcher.messaging);
    await cluster.clock.advance(3000);
    cluster.nats.resume(messaging);
    cluster.nats.resume(dispatcher.messaging);
    await cluster.clock.advance(3000);
    expect(worker.batches).toHaveLength(1);
    expect(dispatcher.events.count("requestsRequeued")).toBe(0);
  });

  test("loses a worker that is silent since before", async () => {
    await using scene = await createScene();
    const { cluster, dispatcher, worker } = scene;
    worker.silence();
    await cluster.clock.advance(500);
    cluster.nats.stall(dispatcher.messaging);
    await cluster.clock.advance(3000);
    expect(dispatcher.events.count("workerLost")).toBe(0);
    cluster.nats.resume(dispatcher.messaging);
    await cluster.clock.advance(2500);
    expect(dispatcher.events.count("workerLost")).toBe(1);
  });

  test("loses a worker that dies while JetStream is away", async () => {
    await using scene = await createScene();
    const { cluster, dispatcher, worker } = scene;
    cluster.nats.setJetStreamAvailable(false);
    await cluster.clock.advance(3000);
    worker.silence();
    await cluster.clock.advance(2500);
    expect(dispatcher.events.count("workerLost")).toBe(1);
  });
});
