import { buckets, encodePoolRecord } from "@sluice/protocol";
import { describe, expect, test } from "vitest";
import { createCluster } from "./testing/cluster.ts";
import { createScene } from "./testing/scene.ts";
import { idsOf } from "./testing/stub-worker.ts";

describe("drain", () => {
  test("drain - hands pools to a living successor, with everything that waits", async () => {
    await using cluster = createCluster();
    const one = await cluster.start("d1");
    const two = await cluster.start("d2");
    const worker = cluster.worker();
    const caller = cluster.caller();
    await cluster.clock.advance(3000);
    const [owner, other] = one.events.count("poolOwned") === 1 ? [one, two] : [two, one];
    caller.send({ id: "a" });
    await cluster.clock.settle();
    await owner.stop();
    expect(owner.dispatcher.state).toBe("stopped");
    expect(await cluster.record()).toEqual({ owner: other.name, epoch: 2, state: "handedOver" });
    worker.credit({ epoch: 2 });
    await cluster.clock.settle();
    expect(worker.batches.map(idsOf)).toEqual([["a"]]);
    expect(caller.frames).toEqual([]);
  });

  test("drain - without successor, lets the queue run dry while new requests find nobody", async () => {
    await using scene = await createScene();
    const { cluster, dispatcher, worker, caller } = scene;
    caller.send({ id: "a" });
    await cluster.clock.settle();
    const stopping = dispatcher.stop();
    await cluster.clock.settle();
    caller.send({ id: "late" });
    worker.credit();
    await cluster.clock.settle();
    expect(caller.undeliveredCount).toBe(1);
    expect(worker.batches.map(idsOf)).toEqual([["a"]]);
    worker.done(worker.batch.batchId);
    await stopping;
    expect(caller.frames).toEqual([]);
  });

  test("drain - hands a pool that runs dry to a dispatcher that comes meanwhile, so that requests find somebody", async () => {
    await using cluster = createCluster();
    const one = await cluster.start("d1", { drainTimeoutMs: 20_000 });
    const worker = cluster.worker();
    const caller = cluster.caller();
    await cluster.clock.advance(1000);
    caller.send({ id: "running" });
    worker.credit();
    await cluster.clock.settle();
    const { batchId } = worker.batch;
    const stopping = one.stop(0);
    await cluster.clock.advance(2000);
    expect(one.dispatcher.state).toBe("draining");
    const two = await cluster.start("d2");
    await cluster.clock.advance(1000);
    expect(one.dispatcher.state).toBe("stopped");
    await stopping;
    expect(await cluster.record()).toEqual({ owner: "d2", epoch: 2, state: "handedOver" });
    caller.send({ id: "next" });
    worker.credit({ epoch: 2 });
    worker.done(batchId);
    await cluster.clock.settle();
    expect(worker.batches.map(idsOf)).toEqual([["running"], ["next"]]);
    expect(caller.undeliveredCount).toBe(0);
    expect(two.events.count("batchDone")).toBe(1);
  });

  test("drain - answers unavailable what still waits when the time is over", async () => {
    await using scene = await createScene();
    const { cluster, dispatcher, caller } = scene;
    caller.send({ id: "a" });
    await cluster.clock.settle();
    await dispatcher.stop();
    expect(caller.frames).toHaveLength(1);
    expect(caller.frames[0]).toMatchObject({ id: "a", code: "unavailable" });
    expect(caller.frames[0]?.retryAfterMs).toBeGreaterThan(0);
  });

  test("drain - releases the record and deletes the heartbeat, so that the next dispatcher owns the pool at once", async () => {
    await using scene = await createScene();
    const { cluster, dispatcher, worker } = scene;
    await dispatcher.stop();
    expect(await cluster.record()).toEqual({ owner: "d1", epoch: 1, state: "released" });
    expect(worker.events.at(-1)).toMatchObject({ state: "released", epoch: 1 });
    const bucket = await cluster.nats.connect().keyValue("sluice_dispatchers");
    expect(await bucket.keys()).toEqual([]);
    const next = await cluster.start("d2");
    await cluster.clock.advance(1000);
    expect(next.events.all).toContainEqual({ type: "poolOwned", pool: "gpu", epoch: 2, state: "owned" });
  });

  test("drain - ends at once where its pool is taken meanwhile, and refuses nothing that the new owner has", async () => {
    await using scene = await createScene();
    const { cluster, dispatcher, caller } = scene;
    caller.send({ id: "a" });
    await cluster.clock.settle();
    const stopping = dispatcher.stop();
    await cluster.clock.settle();
    const records = await cluster.nats.connect().keyValue(buckets.pools);
    await records.put("gpu", encodePoolRecord({ owner: "d2", epoch: 2, state: "taken" }));
    await cluster.clock.advance(100);
    expect(dispatcher.dispatcher.state).toBe("stopped");
    await stopping;
    expect(caller.frames).toEqual([]);
    expect(await cluster.record()).toEqual({ owner: "d2", epoch: 2, state: "taken" });
  });

  test("drain - answers waiting credits moved", async () => {
    await using scene = await createScene();
    scene.worker.credit();
    await scene.cluster.clock.settle();
    await scene.dispatcher.stop();
    expect(scene.worker.answers).toEqual([{ status: "moved", epoch: 1, message: "" }]);
  });

  test("drain - ends while JetStream is away", async () => {
    await using scene = await createScene();
    scene.cluster.nats.setJetStreamAvailable(false);
    await scene.dispatcher.stop();
    expect(scene.dispatcher.dispatcher.state).toBe("stopped");
  });

  test("drain - stops a dispatcher that waits for JetStream since its start", async () => {
    await using cluster = createCluster();
    cluster.nats.setJetStreamAvailable(false);
    const dispatcher = await cluster.start("d1");
    await cluster.clock.advance(2000);
    expect(dispatcher.dispatcher.state).toBe("starting");
    await dispatcher.stop();
    expect(dispatcher.dispatcher.state).toBe("stopped");
  });

  test("drain - rejects a second run", async () => {
    await using scene = await createScene();
    await expect(scene.dispatcher.dispatcher.run(new AbortController().signal)).rejects.toThrow("once");
  });
});
