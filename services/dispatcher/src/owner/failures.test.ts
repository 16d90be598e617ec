import { encodePoolRecord, subjects } from "@sluice/protocol";
import { describe, expect, test } from "vitest";
import { createScene } from "../testing/scene.ts";
import { idsOf } from "../testing/stub-worker.ts";

describe("owner - when a message never arrives", () => {
  test("a batch that finds nobody (503) is queued again at once, same attempt, and the worker's credits are dropped", async () => {
    await using scene = await createScene();
    const { cluster, worker, caller, dispatcher } = scene;
    worker.deafen();
    worker.credit({ capacity: 1 });
    worker.credit({ capacity: 1 });
    caller.send({ id: "a" });
    await cluster.clock.settle();
    const other = cluster.worker({ name: "w2" });
    other.credit();
    await cluster.clock.settle();
    expect(idsOf(other.batch)).toEqual(["a"]);
    expect(other.batch.requests[0]?.attempt).toBe(0);
    expect(dispatcher.events.count("batchSent")).toBe(2);
  });

  test("a batch that no heartbeat lists 1 s after it was sent is queued again, attempt + 1", async () => {
    await using scene = await createScene({ worker: { lists: false } });
    const { cluster, worker, caller } = scene;
    caller.send({ id: "a" });
    worker.credit();
    await cluster.clock.advance(990);
    worker.credit();
    await cluster.clock.settle();
    expect(worker.batches).toHaveLength(1);
    await cluster.clock.advance(600);
    expect(worker.batches).toHaveLength(2);
    expect(worker.batch.requests[0]).toMatchObject({ id: "a", attempt: 1 });
  });

  test("a batch that heartbeats list is left alone, however long it runs", async () => {
    await using scene = await createScene();
    const { cluster, worker, caller } = scene;
    caller.send({ id: "a" });
    worker.credit();
    await cluster.clock.advance(20_000);
    worker.credit();
    await cluster.clock.settle();
    expect(worker.batches).toHaveLength(1);
  });

  test("a batch that a restarted worker lists no more is queued again", async () => {
    await using scene = await createScene();
    const { cluster, worker, caller } = scene;
    caller.send({ id: "a" });
    worker.credit();
    await cluster.clock.advance(1000);
    worker.listed.clear();
    await cluster.clock.advance(3500);
    worker.credit();
    await cluster.clock.settle();
    expect(worker.batch.requests[0]).toMatchObject({ id: "a", attempt: 1 });
  });

  test("a refused batch is queued again, same attempt", async () => {
    await using scene = await createScene();
    const { cluster, worker, caller, dispatcher } = scene;
    worker.refuse("draining");
    worker.credit();
    caller.send({ id: "a" });
    await cluster.clock.settle();
    expect(dispatcher.events.all).toContainEqual({
      type: "batchRefused",
      pool: "gpu",
      worker: "w1",
      reason: "draining",
    });
    const other = cluster.worker({ name: "w2" });
    other.credit();
    await cluster.clock.settle();
    expect(other.batch.requests[0]).toMatchObject({ id: "a", attempt: 0 });
  });

  test("2 s of silence lose a worker: its requests go back to their place, attempt + 1, in batches of half the size", async () => {
    await using scene = await createScene();
    const { cluster, worker, caller } = scene;
    caller.send({ id: "a" }, { id: "b" }, { id: "c" }, { id: "d" });
    worker.credit();
    await cluster.clock.settle();
    expect(worker.batch.requests).toHaveLength(4);
    caller.send({ id: "e" });
    worker.silence();
    const other = cluster.worker({ name: "w2" });
    await cluster.clock.advance(2500);
    for (let count = 0; count < 3; count++) {
      other.credit();
      await cluster.clock.settle();
    }
    expect(other.batches.map(idsOf)).toEqual([["a", "b"], ["c", "d"], ["e"]]);
    expect(other.batches.map((batch) => batch.requests[0]?.attempt)).toEqual([1, 1, 0]);
  });
});

describe("owner - reports", () => {
  test("done ends the runs of a batch: the same ids may come again", async () => {
    await using scene = await createScene();
    const { cluster, worker, caller, dispatcher } = scene;
    caller.send({ id: "a" });
    worker.credit();
    await cluster.clock.settle();
    worker.done(worker.batch.batchId);
    await cluster.clock.settle();
    expect(dispatcher.events.count("batchDone")).toBe(1);
    caller.send({ id: "a" });
    worker.credit();
    await cluster.clock.settle();
    expect(worker.batches).toHaveLength(2);
  });

  test("returned requests keep place, attempt and batch size", async () => {
    await using scene = await createScene();
    const { cluster, worker, caller } = scene;
    caller.send({ id: "a" }, { id: "b" });
    worker.credit();
    await cluster.clock.settle();
    caller.send({ id: "c" });
    worker.done(worker.batch.batchId, { returned: ["b"] });
    worker.credit();
    await cluster.clock.settle();
    expect(idsOf(worker.batch)).toEqual(["b", "c"]);
    expect(worker.batch.requests[0]?.attempt).toBe(0);
  });

  test("failed requests run again in smaller batches, and are dead letters after the last attempt", async () => {
    await using scene = await createScene();
    const { cluster, worker, caller, dispatcher } = scene;
    caller.send({ id: "a" }, { id: "b" });
    for (let attempt = 0; attempt < 3; attempt++) {
      worker.credit();
      await cluster.clock.settle();
      expect(worker.batch.requests[0]).toMatchObject({ id: "a", attempt });
      worker.done(worker.batch.batchId, { failed: ["a"] });
      await cluster.clock.settle();
    }
    expect(worker.batches.map(idsOf)).toEqual([["a", "b"], ["a"], ["a"]]);
    expect(caller.frames.map(({ id, code }) => [id, code])).toEqual([["a", "internal"]]);
    expect(dispatcher.events.all).toContainEqual({
      type: "requestDeadLettered",
      pool: "gpu",
      model: "echo",
      tenant: "acme",
      requestId: "a",
      attempt: 3,
    });
  });

  test("a report of another worker's batch changes nothing", async () => {
    await using scene = await createScene();
    const { cluster, worker, caller, dispatcher } = scene;
    const other = cluster.worker({ name: "w2" });
    caller.send({ id: "a" });
    worker.credit();
    await cluster.clock.settle();
    other.done(worker.batch.batchId, { failed: ["a"] });
    await cluster.clock.settle();
    expect(dispatcher.events.count("batchDone")).toBe(0);
    expect(dispatcher.events.count("requestsRequeued")).toBe(0);
  });

  test("a malformed credit is told and dropped", async () => {
    await using scene = await createScene();
    scene.cluster.nats.connect().publish(subjects.credit("gpu"), new Uint8Array([0xc1]));
    await scene.cluster.clock.settle();
    expect(scene.dispatcher.events.count("malformedMessage")).toBe(1);
  });
});

describe("owner - announcements", () => {
  test("says every second, and on change, what the pool serves", async () => {
    await using scene = await createScene();
    const { cluster, worker } = scene;
    expect(worker.events.at(-1)).toEqual({
      pool: "gpu",
      epoch: 1,
      owner: "d1",
      state: "owned",
      models: [{ name: "echo", version: "1", workerCount: 1 }],
    });
    const before = worker.events.length;
    cluster.worker({ name: "w2" });
    await cluster.clock.settle();
    expect(worker.events.length).toBeGreaterThan(before);
    expect(worker.events.at(-1)?.models[0]?.workerCount).toBe(2);
    const changed = worker.events.length;
    await cluster.clock.advance(5000);
    expect(worker.events.length - changed).toBe(5);
  });

  test("keeps the record of a model where tools read it", async () => {
    await using scene = await createScene();
    await scene.cluster.clock.advance(1000);
    const bucket = await scene.cluster.nats.connect().keyValue("sluice_models");
    const entry = await bucket.get("echo");
    expect(JSON.parse(new TextDecoder().decode(entry?.value))).toMatchObject({
      pool: "gpu",
      version: "1",
      signature: { name: "echo" },
    });
    expect(entry?.revision).toBe(1);
  });
});

describe("owner - a newer epoch", () => {
  test("gives the pool up without a word when the record names a newer owner", async () => {
    await using scene = await createScene();
    const { cluster, worker, caller, dispatcher } = scene;
    caller.send({ id: "a" });
    await cluster.clock.settle();
    const bucket = await cluster.nats.connect().keyValue("sluice_pools");
    const living = await cluster.nats.connect().keyValue("sluice_dispatchers");
    await living.put("other", new TextEncoder().encode("{}"));
    await bucket.put("gpu", encodePoolRecord({ owner: "other", epoch: 2, state: "taken" }));
    await cluster.clock.settle();
    worker.credit();
    await cluster.clock.settle();
    expect(dispatcher.events.all).toContainEqual({
      type: "poolLost",
      pool: "gpu",
      epoch: 1,
      reason: "newerEpoch",
    });
    expect(worker.batches).toEqual([]);
    expect(caller.frames).toEqual([]);
  });
});
