import { messagingErrors } from "@sluice/messaging";
import {
  buckets,
  decodeHandover,
  decodeHandoverAnswer,
  encodeHandover,
  encodeHandoverAnswer,
  subjects,
} from "@sluice/protocol";
import { describe, expect, test, vi } from "vitest";
import { createHandOverScene, first, winner } from "../testing/handover-scene.ts";
import { idsOf } from "../testing/stub-worker.ts";

describe("hand-over - failures", () => {
  test("the old owner goes on when nobody answers prepare", async () => {
    await using scene = await createHandOverScene();
    const { cluster, old, worker, caller } = scene;
    const successor = await cluster.start(winner);
    await cluster.clock.advance(1500);
    await successor.kill();
    await cluster.clock.advance(4000);
    expect(old.events.count("poolLost")).toBe(0);
    caller.send({ id: "a" });
    worker.credit();
    await cluster.clock.settle();
    expect(worker.batches.map(idsOf)).toEqual([["a"]]);
  });

  test("the old owner goes on in its epoch when the successor refuses, and then answers nothing any more", async () => {
    await using scene = await createHandOverScene();
    const { cluster, old } = scene;
    const stub = cluster.nats.connect();
    const heartbeats = await stub.keyValue(buckets.dispatchers);
    using _beat = cluster.clock.every(500, () => void heartbeats.put(winner, new Uint8Array()));
    stub.subscribe(subjects.handover("gpu"), ({ payload, reply }) => {
      if (decodeHandover(payload).kind !== "prepare") return;
      stub.publish(reply, encodeHandoverAnswer({ accepted: false, code: "unavailable", message: "busy" }));
    });
    await cluster.clock.advance(10_000);
    expect(old.events.count("handoverFailed")).toBeGreaterThan(0);
    expect(old.events.count("poolOwned")).toBe(1);
    expect(await cluster.record()).toEqual({ owner: first, epoch: 1, state: "owned" });
  });

  test("the old owner resumes when its connection is lost while it freezes", async () => {
    await using scene = await createHandOverScene();
    const { cluster, old, worker, caller } = scene;
    const lost = vi.spyOn(old.messaging, "flush").mockRejectedValueOnce(messagingErrors.disconnected());
    const successor = await scene.startSuccessor();
    await successor.kill();
    await cluster.clock.advance(5000);
    expect(lost).toHaveBeenCalled();
    expect(old.events.count("handoverAbandoned")).toBeGreaterThan(0);
    caller.send({ id: "a" });
    worker.credit();
    await cluster.clock.settle();
    expect(worker.batches.map(idsOf)).toEqual([["a"]]);
  });

  test("the old owner takes its pool anew when the successor dies with what came to it, so that callers send again", async () => {
    await using scene = await createHandOverScene();
    const { cluster, old, worker, caller } = scene;
    caller.send({ id: "a" });
    await cluster.clock.settle();
    await scene.startSuccessor({
      onEvent: (event, messaging) => {
        if (event.type === "handoverPrepared") cluster.nats.kill(messaging);
      },
    });
    await cluster.clock.advance(5000);
    expect(old.events.count("handoverAbandoned")).toBeGreaterThan(0);
    expect(old.events.count("poolLost")).toBe(0);
    expect(await cluster.record()).toEqual({ owner: first, epoch: 2, state: "taken" });
    expect(worker.events.at(-1)).toMatchObject({ epoch: 2, state: "taken" });
    caller.send({ id: "b" });
    worker.credit({ epoch: 2, openRuns: [] });
    await cluster.clock.settle();
    expect(worker.batches.map(idsOf)).toEqual([["a", "b"]]);
  });

  test("the old owner shares nothing any more with a successor that stands still, and runs nothing twice that it gives back later", async () => {
    await using scene = await createHandOverScene();
    const { cluster, old, worker, caller } = scene;
    const successor = await scene.startSuccessor({
      onEvent: (event, messaging) => {
        const isFirst = old.events.count("handoverStarted") === 1;
        if (event.type === "handoverPrepared" && isFirst) cluster.nats.stall(messaging);
      },
    });
    await cluster.clock.advance(5000);
    expect(old.events.count("poolLost")).toBe(0);
    expect(await cluster.record()).toEqual({ owner: first, epoch: 2, state: "taken" });
    const ids = ["a", "b", "c", "d"];
    for (const id of ids) caller.send({ id });
    worker.credit({ epoch: 2, openRuns: [], capacity: 4 });
    await cluster.clock.settle();
    expect(idsOf(worker.batch)).toEqual(ids);
    cluster.nats.resume(successor.messaging);
    await cluster.clock.advance(500);
    expect(old.events.count("duplicateDropped")).toBe(4);
    worker.credit({ epoch: 2, capacity: 4 });
    await cluster.clock.settle();
    expect(worker.batches).toHaveLength(1);
    expect(caller.frames).toEqual([]);
  });

  test("a successor that ends gives back what came to it, and was on its way to it, when the old owner serves again", async () => {
    await using scene = await createHandOverScene();
    const { cluster, worker, caller } = scene;
    const ids = Array.from({ length: 20 }, (_, number) => `r${number}`);
    const successor = await scene.startSuccessor({
      onEvent: (event) => {
        if (event.type === "handoverPrepared") cluster.nats.setJetStreamAvailable(false);
      },
    });
    while (successor.events.count("handoverPrepared") === 0) await cluster.clock.advance(50);
    cluster.clock.schedule(1000, () => cluster.nats.setJetStreamAvailable(true));
    const stopping = successor.stop();
    for (const id of ids) caller.send({ id });
    await stopping;
    await cluster.clock.advance(1000);
    for (let count = 0; count < 3; count++) {
      worker.credit({ epoch: 1 });
      await cluster.clock.settle();
    }
    expect(worker.batches.flatMap(idsOf).sort()).toEqual(ids.sort());
    expect(caller.undeliveredCount).toBe(0);
  });

  test("a successor that takes the pool of an owner that stands still shares nothing with it any more", async () => {
    await using scene = await createHandOverScene();
    const { cluster, old, worker, caller } = scene;
    const successor = await scene.startSuccessor({
      onEvent: (event) => {
        if (event.type === "handoverPrepared") cluster.nats.stall(old.messaging);
      },
    });
    await cluster.clock.advance(5000);
    expect(successor.events.count("handoverPrepared")).toBe(1);
    expect(await cluster.record()).toEqual({ owner: winner, epoch: 2, state: "taken" });
    for (const id of ["a", "b", "c", "d"]) caller.send({ id });
    worker.credit({ epoch: 2, capacity: 4 });
    await cluster.clock.settle();
    expect(idsOf(worker.batch)).toEqual(["a", "b", "c", "d"]);
    cluster.nats.resume(old.messaging);
    await cluster.clock.advance(1000);
    expect(caller.frames).toEqual([]);
  });

  test("the old owner forgets the pool when the successor dies after it wrote the record, and takes it back later", async () => {
    await using scene = await createHandOverScene();
    const { cluster, old, worker, caller } = scene;
    caller.send({ id: "a" });
    await cluster.clock.settle();
    await scene.startSuccessor({
      onEvent: (event, messaging) => {
        if (event.type === "poolOwned") cluster.nats.kill(messaging);
      },
    });
    await cluster.clock.advance(1500);
    expect(old.events.all).toContainEqual({ type: "poolLost", pool: "gpu", epoch: 1, reason: "handedOver" });
    await cluster.clock.advance(3000);
    expect(await cluster.record()).toEqual({ owner: first, epoch: 3, state: "taken" });
    caller.send({ id: "a" });
    await cluster.clock.advance(500);
    worker.credit({ epoch: 3 });
    await cluster.clock.settle();
    expect(worker.batches.map(idsOf)).toEqual([["a"]]);
  });

  test("no request is lost or run twice when JetStream goes away in the middle of a hand-over", async () => {
    await using scene = await createHandOverScene();
    const { cluster, old, worker, caller } = scene;
    let hasSent = false;
    const successor = await scene.startSuccessor({
      onEvent: (event) => {
        if (event.type !== "handoverPrepared" || hasSent) return;
        hasSent = true;
        cluster.nats.setJetStreamAvailable(false);
        for (let number = 0; number < 20; number++) caller.send({ id: `r${number}` });
      },
    });
    await cluster.clock.advance(2000);
    cluster.nats.setJetStreamAvailable(true);
    await cluster.clock.advance(1000);
    const owner = (await cluster.record())?.owner;
    for (let count = 0; count < 5; count++) {
      worker.credit({ epoch: 1 });
      await cluster.clock.advance(100);
    }
    expect([first, winner]).toContain(owner);
    expect(worker.batches.flatMap(idsOf).sort()).toEqual(
      Array.from({ length: 20 }, (_, number) => `r${number}`).sort(),
    );
    expect(old.events.count("poolLost") + successor.events.count("poolLost")).toBeLessThanOrEqual(1);
  });

  test("a dispatcher refuses a hand-over that its record does not bear out", async () => {
    await using scene = await createHandOverScene();
    const { cluster, worker, caller, old } = scene;
    await cluster.clock.advance(500);
    caller.send({ id: "a" });
    await cluster.clock.settle();
    const prepare = {
      kind: "prepare",
      successor: first,
      owner: "stranger",
      epoch: 9,
      signatures: [],
    } as const;
    const asking = cluster.nats
      .connect()
      .request(subjects.handover("gpu"), encodeHandover(prepare), { timeoutMs: 1000 });
    await cluster.clock.settle();
    expect(decodeHandoverAnswer((await asking).payload).accepted).toBe(false);
    worker.credit();
    await cluster.clock.settle();
    expect(worker.batches.map(idsOf)).toEqual([["a"]]);
    expect(old.events.count("poolLost")).toBe(0);
  });
});
