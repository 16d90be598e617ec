import { batchingDefaults } from "@sluice/protocol";
import { aSignature } from "@sluice/testing";
import { describe, expect, test } from "vitest";
import { createScene } from "../testing/scene.ts";
import { idsOf } from "../testing/stub-worker.ts";

describe("owner - batches", () => {
  test("gives a waiting credit the requests of one read in one batch", async () => {
    await using scene = await createScene();
    const { cluster, worker, caller } = scene;
    worker.credit();
    caller.send({ id: "a" }, { id: "b" });
    caller.send({ id: "c" });
    await cluster.clock.settle();
    expect(worker.batches).toHaveLength(1);
    expect(idsOf(worker.batch)).toEqual(["a", "b", "c"]);
    expect(worker.batch).toMatchObject({ pool: "gpu", model: "echo", epoch: 1, creditId: "w1-1" });
    expect(worker.batch.requests[0]).toMatchObject({
      tenant: "acme",
      reply: caller.reply,
      attempt: 0,
      items: 1,
    });
  });

  test("answers one credit with one batch, of at most its capacity, oldest requests first", async () => {
    await using scene = await createScene();
    const { cluster, worker, caller } = scene;
    caller.send({ id: "a" }, { id: "b" }, { id: "c" });
    await cluster.clock.settle();
    worker.credit({ capacity: 2 });
    await cluster.clock.settle();
    expect(worker.batches.map(idsOf)).toEqual([["a", "b"]]);
    worker.credit();
    await cluster.clock.settle();
    expect(worker.batches.map(idsOf)).toEqual([["a", "b"], ["c"]]);
  });

  test("says how long a credit waited for its batch, from the last time that it came", async () => {
    await using scene = await createScene();
    const { cluster, worker, caller } = scene;
    worker.credit({ creditId: "k" });
    await cluster.clock.advance(100);
    worker.credit({ creditId: "k" });
    await cluster.clock.advance(40);
    caller.send({ id: "a" });
    await cluster.clock.settle();
    expect(worker.batch.heldMs).toBe(40);
  });

  test("gives work first to the worker that is free first", async () => {
    await using scene = await createScene();
    const { cluster, worker, caller } = scene;
    const other = cluster.worker({ name: "w2" });
    await cluster.clock.settle();
    worker.credit({ freeInMs: 20 });
    other.credit({ freeInMs: 5 });
    caller.send({ id: "a" });
    await cluster.clock.settle();
    expect(other.batches.map(idsOf)).toEqual([["a"]]);
    expect(worker.batches).toEqual([]);
  });

  test("keeps one credit for each creditId, and none for a repetition that crossed its batch", async () => {
    await using scene = await createScene();
    const { cluster, worker, caller } = scene;
    worker.credit({ creditId: "same", capacity: 1 });
    worker.credit({ creditId: "same", capacity: 1 });
    caller.send({ id: "a" }, { id: "b" });
    await cluster.clock.settle();
    worker.credit({ creditId: "same", capacity: 1 });
    await cluster.clock.settle();
    expect(worker.batches.map(idsOf)).toEqual([["a"]]);
  });

  test("gives no model that the worker did not announce", async () => {
    await using scene = await createScene();
    const { cluster, worker, caller } = scene;
    cluster.worker({ name: "w2", models: [aSignature({ name: "other" })] });
    await cluster.clock.settle();
    worker.credit({ models: ["other"] });
    caller.send({ id: "a" });
    cluster.caller({ model: "other" }).send({ id: "b" });
    await cluster.clock.settle();
    expect(worker.batches).toEqual([]);
  });

  test("adds the time a request waited to its queuedMs", async () => {
    await using scene = await createScene();
    const { cluster, worker, caller } = scene;
    caller.send({ id: "a", timeoutMs: 5000, queuedMs: 100 });
    await cluster.clock.advance(250);
    worker.credit();
    await cluster.clock.settle();
    expect(worker.batch.requests[0]).toMatchObject({ timeoutMs: 5000, queuedMs: 350 });
  });

  test("runs a request with a timeout of ages beside others", async () => {
    await using scene = await createScene();
    const { cluster, worker, caller } = scene;
    caller.send({ id: "patient", timeoutMs: Number.MAX_SAFE_INTEGER });
    caller.send({ id: "a" });
    worker.credit();
    await cluster.clock.settle();
    expect(worker.batches.map(idsOf)).toEqual([["a", "patient"]]);
  });

  test("knows whose requests a worker gives back where two callers have one id", async () => {
    await using scene = await createScene();
    const { cluster, worker, caller } = scene;
    cluster.caller({ tenant: "other" }).send({ id: "1" });
    caller.send({ id: "1" });
    worker.credit();
    await cluster.clock.settle();
    expect(idsOf(worker.batch)).toEqual(["1", "1"]);
    worker.done(worker.batch.batchId, { failed: [{ id: "1", reply: caller.reply }] });
    worker.credit();
    await cluster.clock.settle();
    expect(worker.batches).toHaveLength(2);
    expect(worker.batch.requests).toMatchObject([{ id: "1", reply: caller.reply, attempt: 1 }]);
  });

  test("cuts a batch at the payload of the connection and sends the rest with the next credit", async () => {
    await using scene = await createScene({ maxPayloadBytes: 8192 });
    const { cluster, worker, caller } = scene;
    const wide = { inputs: [{ name: "x", datatype: "FP32" as const, shape: [1, 2] }] };
    for (const id of ["a", "b", "c", "d", "e", "f", "g", "h"]) {
      caller.send({ ...wide, id, metadata: { note: "n".repeat(400) } });
    }
    worker.credit();
    await cluster.clock.settle();
    worker.credit();
    await cluster.clock.settle();
    expect(worker.batches[0]?.requests.length).toBeLessThan(8);
    expect(worker.batches.flatMap(idsOf).join("")).toBe("abcdefgh");
  });

  test("cuts a batch anew, as the same attempt, when its connection is back at a server that takes less", async () => {
    const batching = { ...batchingDefaults, maxQueueDelayMs: 100 };
    await using scene = await createScene({ worker: { models: [aSignature({ batching })] } });
    const { cluster, dispatcher, worker, caller } = scene;
    const { nats, clock } = cluster;
    worker.credit();
    for (const id of ["a", "b", "c"])
      caller.send({ id, metadata: { note: "n".repeat(id === "c" ? 5000 : 2500) } });
    await clock.advance(50);
    nats.disconnect(dispatcher.messaging);
    await clock.advance(50);
    nats.setMaxPayloadBytes(4096);
    nats.reconnect(dispatcher.messaging);
    for (const _id of ["a", "b", "c"]) {
      worker.credit();
      await clock.advance(100);
    }
    expect(worker.batches.map(idsOf)).toEqual([["a"], ["b"]]);
    expect(worker.batches.flatMap(({ requests }) => requests.map(({ attempt }) => attempt))).toEqual([0, 0]);
    expect(caller.frames).toMatchObject([{ id: "c", code: "resourceExhausted" }]);
  });
});

describe("owner - deadlines, cancels and absence", () => {
  test("answers deadlineExceeded when a request waited for its whole timeout", async () => {
    await using scene = await createScene();
    const { cluster, worker, caller } = scene;
    caller.send({ id: "long", timeoutMs: 2000 });
    caller.send({ id: "short", timeoutMs: 300 });
    await cluster.clock.advance(300);
    expect(caller.frames.map((frame) => frame.id)).toEqual(["short"]);
    expect(caller.frames[0]).toMatchObject({ code: "deadlineExceeded", timings: { queuedMs: 300 } });
    worker.credit();
    await cluster.clock.settle();
    expect(idsOf(worker.batch)).toEqual(["long"]);
  });

  test("takes a canceled request out of the queue and answers it", async () => {
    await using scene = await createScene();
    const { cluster, worker, caller } = scene;
    caller.send({ id: "a" }, { id: "b" });
    caller.control({ cancel: ["a", "unknown"] });
    await cluster.clock.settle();
    expect(caller.frames.map(({ id, code }) => [id, code])).toEqual([["a", "canceled"]]);
    worker.credit();
    await cluster.clock.settle();
    expect(idsOf(worker.batch)).toEqual(["b"]);
  });

  test("forwards cancels and windows of running requests to their worker", async () => {
    await using scene = await createScene();
    const { cluster, worker, caller } = scene;
    caller.send({ id: "a" }, { id: "b" });
    worker.credit();
    await cluster.clock.settle();
    caller.control({ cancel: ["a"], windows: [{ id: "b", frameLimit: 128 }] });
    await cluster.clock.settle();
    expect(worker.controls).toEqual([
      { kind: "control", reply: caller.reply, cancel: ["a"], windows: [{ id: "b", frameLimit: 128 }] },
    ]);
    expect(caller.frames).toEqual([]);
  });

  test("lets no tenant cancel another's request", async () => {
    await using scene = await createScene();
    const { cluster, worker, caller } = scene;
    const stranger = cluster.caller({ tenant: "stranger" });
    caller.send({ id: "a" });
    worker.credit();
    await cluster.clock.settle();
    stranger.control({ cancel: ["a"] });
    await cluster.clock.settle();
    expect(worker.controls).toEqual([]);
  });

  test("lets nobody cancel another tenant's request with the reply subject of its caller", async () => {
    await using scene = await createScene();
    const { cluster, worker, caller } = scene;
    const stranger = cluster.caller({ tenant: "stranger" });
    const { reply } = caller;
    caller.send({ id: "running" });
    worker.credit();
    await cluster.clock.settle();
    caller.send({ id: "waiting" });
    await cluster.clock.settle();
    const named = { cancel: ["running", "waiting"], windows: [{ id: "running", frameLimit: 128 }] };
    stranger.control(named, { reply });
    await cluster.clock.settle();
    expect(worker.controls).toEqual([]);
    expect(caller.frames).toEqual([]);
    caller.control(named, { reply });
    await cluster.clock.settle();
    expect(worker.controls).toEqual([{ kind: "control", reply, ...named, cancel: ["running"] }]);
    expect(caller.codeOf("waiting")).toBe("canceled");
  });

  test("tells a worker that has two runs of one id whose is meant", async () => {
    await using scene = await createScene();
    const { cluster, worker, caller } = scene;
    caller.send({ id: "1" });
    cluster.caller({ tenant: "other" }).send({ id: "1" });
    worker.credit();
    await cluster.clock.settle();
    caller.control({ cancel: ["1"] });
    await cluster.clock.settle();
    expect(worker.controls).toEqual([{ kind: "control", reply: caller.reply, cancel: ["1"], windows: [] }]);
  });

  test("does not run a canceled request again", async () => {
    await using scene = await createScene();
    const { cluster, worker, caller } = scene;
    caller.send({ id: "a" });
    worker.credit();
    await cluster.clock.settle();
    caller.control({ cancel: ["a"] });
    worker.done(worker.batch.batchId, { returned: ["a"] });
    worker.credit();
    await cluster.clock.settle();
    expect(caller.codeOf("a")).toBe("canceled");
    expect(worker.batches).toHaveLength(1);
  });

  test("refuses at once while a model has no worker, and what waited after 5 s", async () => {
    await using scene = await createScene();
    const { cluster, worker, caller, dispatcher } = scene;
    caller.send({ id: "waiting" });
    worker.silence();
    await cluster.clock.advance(2500);
    expect(dispatcher.events.count("workerLost")).toBe(1);
    caller.send({ id: "new" });
    await cluster.clock.settle();
    expect(caller.frames.map(({ id, code }) => [id, code])).toEqual([["new", "unavailable"]]);
    expect(caller.frames[0]?.retryAfterMs).toBeGreaterThan(0);
    await cluster.clock.advance(6000);
    expect(caller.codeOf("waiting")).toBe("unavailable");
  });
});
