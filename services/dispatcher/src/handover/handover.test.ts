import { messagingErrors } from "@sluice/messaging";
import { decodeHandoverAnswer, encodeHandover, subjects } from "@sluice/protocol";
import { rendezvousWinner } from "@sluice/scheduling";
import { describe, expect, test, vi } from "vitest";
import { createCluster, type Cluster, type RunningDispatcher, type StartFields } from "../testing/cluster.ts";
import type { StubCaller } from "../testing/stub-caller.ts";
import { idsOf, type StubWorker } from "../testing/stub-worker.ts";

/** The one of two dispatchers that pool `gpu` falls to while both live, and the other. */
const winner = rendezvousWinner("gpu", ["d1", "d2"]) ?? "";
const first = winner === "d1" ? "d2" : "d1";

interface Scene extends AsyncDisposable {
  readonly cluster: Cluster;
  readonly old: RunningDispatcher;
  readonly worker: StubWorker;
  readonly caller: StubCaller;
  /** Starts the dispatcher that the pool falls to, and moves time until the hand-over begins. */
  startSuccessor(fields?: StartFields): Promise<RunningDispatcher>;
}

/** A pool whose owner is alone, and a better owner about to come. */
async function createScene(): Promise<Scene> {
  const cluster = createCluster();
  const old = await cluster.start(first);
  const worker = cluster.worker();
  const caller = cluster.caller();
  await cluster.clock.advance(1000);
  return {
    cluster,
    old,
    worker,
    caller,
    startSuccessor: async (fields = {}) => {
      const successor = await cluster.start(winner, fields);
      while (old.events.count("handoverStarted") === 0) await cluster.clock.advance(50);
      return successor;
    },
    [Symbol.asyncDispose]: () => cluster[Symbol.asyncDispose](),
  };
}

describe("hand-over", () => {
  test("moves queue, running batches and credits to the dispatcher that was named for 2 s", async () => {
    await using scene = await createScene();
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
    await using scene = await createScene();
    scene.worker.credit();
    await scene.cluster.clock.settle();
    await scene.startSuccessor();
    await scene.cluster.clock.advance(500);
    expect(scene.worker.answers).toEqual([{ status: "moved", epoch: 1, message: "" }]);
  });

  test("loses no request and answers none twice while requests keep coming", async () => {
    await using scene = await createScene();
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
    await using scene = await createScene();
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

  test("a report that reaches the successor before the batch it is about is kept", async () => {
    await using scene = await createScene();
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
});

describe("hand-over - failures", () => {
  test("the old owner goes on when nobody answers prepare", async () => {
    await using scene = await createScene();
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

  test("the old owner resumes when its connection is lost while it freezes", async () => {
    await using scene = await createScene();
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

  test("the old owner resumes when the successor dies before it wrote the record", async () => {
    await using scene = await createScene();
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
    expect(await cluster.record()).toEqual({ owner: first, epoch: 1, state: "owned" });
    caller.send({ id: "b" });
    worker.credit();
    await cluster.clock.settle();
    expect(worker.batches.map(idsOf)).toEqual([["a", "b"]]);
  });

  test("a successor that takes the pool of an owner that stands still shares nothing with it any more", async () => {
    await using scene = await createScene();
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
    await using scene = await createScene();
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
    await using scene = await createScene();
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
    await using scene = await createScene();
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
