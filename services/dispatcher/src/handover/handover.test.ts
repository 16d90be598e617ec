import { decodeHandover, subjects } from "@sluice/protocol";
import { aSignature } from "@sluice/testing";
import { describe, expect, test } from "vitest";
import { createHandOverScene, winner } from "../testing/handover-scene.ts";
import type { StubCaller } from "../testing/stub-caller.ts";
import { idsOf } from "../testing/stub-worker.ts";

describe("hand-over", () => {
  test("moves queue, running batches and credits to the dispatcher that was named for 2 s", async () => {
    await using scene = await createHandOverScene();
    const { cluster, old, worker, caller } = scene;
    caller.send({ id: "running" });
    worker.credit();
    await cluster.clock.settle();
    const { batchId } = worker.batch;
    caller.send({ id: "a" }, { id: "b" });
    await cluster.clock.settle();
    const successor = await scene.startSuccessor();
    await cluster.clock.advance(500);

    expect(old.events.all).toContainEqual({ type: "poolLost", pool: "gpu", epoch: 1, reason: "handedOver" });
    expect(await cluster.record()).toEqual({ owner: winner, epoch: 2, state: "handedOver" });
    expect(worker.events.at(-1)).toMatchObject({ owner: winner, epoch: 2, state: "handedOver" });

    caller.send({ id: "c" }, { id: "running" });
    await cluster.clock.settle();
    expect(successor.events.count("duplicateDropped")).toBe(1);
    worker.credit({ epoch: 2, openRuns: [] });
    await cluster.clock.settle();
    expect(idsOf(worker.batch)).toEqual(["a", "b", "c"]);
    expect(worker.batch.epoch).toBe(2);

    worker.done(batchId, { failed: ["running"] });
    worker.credit();
    await cluster.clock.settle();
    expect(worker.batch.requests.map(({ id, attempt }) => [id, attempt])).toEqual([["running", 1]]);
    expect(caller.frames).toEqual([]);
  });

  test("answers waiting credits moved", async () => {
    await using scene = await createHandOverScene();
    scene.worker.credit();
    await scene.cluster.clock.settle();
    await scene.startSuccessor();
    await scene.cluster.clock.advance(500);
    expect(scene.worker.answers).toEqual([{ status: "moved", epoch: 1, message: "" }]);
  });

  test("loses no request and answers none twice while requests keep coming", async () => {
    await using scene = await createHandOverScene();
    const { cluster, worker, caller } = scene;
    const successor = await cluster.start(winner);
    for (let number = 0; number < 60; number++) {
      caller.send({ id: `r${number}` });
      await cluster.clock.advance(50);
    }
    expect(successor.events.count("poolOwned")).toBe(1);
    for (let count = 0; count < 10; count++) {
      worker.credit({ epoch: 2 });
      await cluster.clock.settle();
    }
    const given = worker.batches.flatMap(idsOf);
    expect(given).toEqual(Array.from({ length: 60 }, (_, number) => `r${number}`));
    expect(caller.undeliveredCount).toBe(0);
  });

  test("keeps the debt of a tenant that was served alone, whoever comes to the successor first", async () => {
    await using scene = await createHandOverScene();
    const { cluster, worker } = scene;
    const [a, b] = [cluster.caller({ tenant: "a" }), cluster.caller({ tenant: "b" })];
    const send = (caller: StubCaller, from: number): void =>
      caller.send(...Array.from({ length: 20 }, (_, number) => ({ id: `r${from + number}` })));
    send(a, 0);
    send(b, 0);
    const tenants = () => worker.batches.map((batch) => batch.requests[0]?.tenant);
    const serve = async (epoch: number): Promise<void> => {
      worker.credit({ epoch, capacity: 1 });
      await cluster.clock.settle();
      worker.done(worker.batch.batchId, { costMs: worker.batch.requests[0]?.tenant === "a" ? 100 : 10 });
      await cluster.clock.settle();
    };
    for (let count = 0; count < 4; count++) await serve(1);
    // One request of "a" has cost as much as ten of "b".
    expect(tenants().filter((tenant) => tenant === "b")).toHaveLength(3);
    await scene.startSuccessor({
      onEvent: (event) => {
        if (event.type === "handoverPrepared") send(a, 100);
      },
    });
    await cluster.clock.advance(500);
    for (let count = 0; count < 4; count++) await serve(2);
    expect(tenants().slice(4)).toEqual(["b", "b", "b", "b"]);
  });

  test("charges a tenant for its batch that ends meanwhile", async () => {
    await using scene = await createHandOverScene();
    const { cluster, worker } = scene;
    const [a, b] = [cluster.caller({ tenant: "a" }), cluster.caller({ tenant: "b" })];
    const serve = async (epoch: number): Promise<string> => {
      worker.credit({ epoch, capacity: 1 });
      await cluster.clock.settle();
      return worker.batch.batchId;
    };
    for (const caller of [a, b]) caller.send({ id: "r0" }, { id: "r1" }, { id: "r2" }, { id: "r3" });
    const batchId = await serve(1);
    expect(worker.batch.requests[0]?.tenant).toBe("a");
    await scene.startSuccessor({
      onEvent: ({ type }) => {
        if (type === "handoverPrepared") worker.done(batchId, { costMs: 100 });
      },
    });
    await cluster.clock.advance(500);
    for (let count = 0; count < 4; count++) worker.done(await serve(2), { costMs: 10 });
    expect(worker.batches.map(({ requests }) => requests[0]?.tenant)).toEqual(["a", "b", "b", "b", "b"]);
  });

  test("a report that reaches the successor before the batch it is about is kept", async () => {
    await using scene = await createHandOverScene();
    const { cluster, worker, caller } = scene;
    caller.send({ id: "a" });
    worker.credit();
    await cluster.clock.settle();
    const { batchId } = worker.batch;
    const successor = await scene.startSuccessor({
      onEvent: (event) => {
        if (event.type === "handoverPrepared") worker.done(batchId);
      },
    });
    await cluster.clock.advance(6000);
    expect(successor.events.count("poolOwned")).toBe(1);
    expect(successor.events.count("requestsRequeued")).toBe(0);
  });

  test.each([
    ["before the batch", "handoverPrepared"],
    ["between its parts", "partTaken"],
  ])("a batch that takes two messages ends whole when it is reported %s", async (_case, moment) => {
    await using scene = await createHandOverScene({
      old: { settings: { maxQueueRequests: 5000, maxQueueBytes: 4 * 1024 * 1024 } },
      worker: { models: [aSignature({ maxBatchSize: 5000 })] },
      maxPayloadBytes: 4 * 1024 * 1024,
    });
    const { cluster, worker, caller } = scene;
    caller.send(...Array.from({ length: 4000 }, (_, number) => ({ id: `a${number}` })));
    caller.send(...Array.from({ length: 200 }, (_, number) => ({ id: `b${number}` })));
    worker.credit({ capacity: 5000 });
    await cluster.clock.settle();
    const { batchId, requests } = worker.batch;
    expect(requests).toHaveLength(4200);
    let partCount = 0;
    cluster.nats.connect().subscribe(subjects.handover("gpu"), ({ payload }) => {
      if (decodeHandover(payload).kind !== "state") return;
      partCount += 1;
      if (partCount === 1 && moment === "partTaken") worker.done(batchId);
    });
    const successor = await scene.startSuccessor({
      onEvent: ({ type }) => {
        if (type === moment) worker.done(batchId);
      },
    });
    await cluster.clock.advance(6000);
    expect(partCount).toBe(2);
    expect(successor.events.count("poolOwned")).toBe(1);
    expect(successor.events.count("batchDone")).toBe(1);
    expect(successor.events.count("requestsRequeued")).toBe(0);
  });
});
