import { messagingErrors } from "@sluice/messaging";
import { buckets } from "@sluice/protocol";
import { rendezvousWinner } from "@sluice/scheduling";
import { describe, expect, test, vi } from "vitest";
import { createCluster } from "../testing/cluster.ts";
import { createScene } from "../testing/scene.ts";
import { idsOf } from "../testing/stub-worker.ts";

/** The one of two dispatchers that pool `gpu` falls to while both live, and the other. */
const winner = rendezvousWinner("gpu", ["d1", "d2"]) ?? "";
const standby = winner === "d1" ? "d2" : "d1";

describe("takeover", () => {
  test("a pool falls to the dispatcher that rendezvous hashing names, and to no other", async () => {
    await using cluster = createCluster();
    const other = await cluster.start(standby);
    const first = await cluster.start(winner);
    await cluster.clock.advance(1000);
    cluster.worker();
    await cluster.clock.advance(1000);
    expect(await cluster.record()).toEqual({ owner: winner, epoch: 1, state: "owned" });
    expect(first.events.count("poolOwned")).toBe(1);
    expect(other.events.count("poolOwned")).toBe(0);
  });

  test("nobody takes from a living owner", async () => {
    await using cluster = createCluster();
    await cluster.start(winner);
    const other = await cluster.start(standby);
    cluster.worker();
    await cluster.clock.advance(30_000);
    expect(other.events.count("poolOwned")).toBe(0);
  });

  test("a standby takes the pool of a crashed owner within 3 s, with the next epoch", async () => {
    await using cluster = createCluster();
    const owner = await cluster.start(winner);
    const other = await cluster.start(standby);
    const worker = cluster.worker();
    await cluster.clock.advance(3000);
    await owner.kill();
    await cluster.clock.advance(3000);
    expect(await cluster.record()).toEqual({ owner: standby, epoch: 2, state: "taken" });
    expect(other.events.all).toContainEqual({ type: "poolOwned", pool: "gpu", epoch: 2, state: "taken" });
    expect(worker.events.at(-1)).toMatchObject({ epoch: 2, owner: standby, state: "taken" });
  });

  test("the key of a crashed dispatcher goes after a minute, those of the living stay", async () => {
    await using cluster = createCluster();
    const owner = await cluster.start(winner);
    await cluster.start(standby);
    await cluster.clock.advance(1000);
    await owner.kill();
    const bucket = await cluster.nats.connect().keyValue(buckets.dispatchers);
    await cluster.clock.advance(59_000);
    expect([...(await bucket.keys())].sort()).toEqual([winner, standby].sort());
    await cluster.clock.advance(2000);
    expect(await bucket.keys()).toEqual([standby]);
  });

  test("a killed owner of one comes back and takes its own pool again", async () => {
    await using cluster = createCluster();
    const owner = await cluster.start("d1");
    cluster.worker();
    await cluster.clock.advance(1000);
    await owner.kill();
    await cluster.start("d1");
    await cluster.clock.advance(600);
    expect(await cluster.record()).toEqual({ owner: "d1", epoch: 2, state: "taken" });
  });

  test("for 300 ms after a takeover nothing is refused for want of a worker and no batch is sent", async () => {
    await using cluster = createCluster();
    const owner = await cluster.start(winner);
    const other = await cluster.start(standby);
    const worker = cluster.worker();
    const caller = cluster.caller();
    await cluster.clock.advance(3000);
    await owner.kill();
    while (other.events.count("poolOwned") === 0) await cluster.clock.advance(50);
    worker.credit({ epoch: 2, openRuns: [] });
    caller.send({ id: "a" });
    await cluster.clock.advance(240);
    expect(worker.batches).toEqual([]);
    await cluster.clock.advance(70);
    expect(worker.batches.map(idsOf)).toEqual([["a"]]);
    expect(caller.frames).toEqual([]);
  });

  test("a request that a worker lists as open attaches to its run, and runs again only when that is lost", async () => {
    await using cluster = createCluster();
    const owner = await cluster.start(winner);
    const other = await cluster.start(standby);
    const worker = cluster.worker();
    const caller = cluster.caller();
    await cluster.clock.advance(3000);
    caller.send({ id: "early" }, { id: "late" });
    worker.credit();
    await cluster.clock.settle();
    const { batchId } = worker.batch;
    await owner.kill();
    while (other.events.count("poolOwned") === 0) await cluster.clock.advance(50);
    const openRuns = ["early", "late"].map((id) => ({
      id,
      tenant: "acme",
      reply: caller.reply,
      model: "echo",
      batchId,
      epoch: 1,
      attempt: 0,
    }));
    caller.send({ id: "early" });
    await cluster.clock.settle();
    worker.credit({ epoch: 2, openRuns });
    await cluster.clock.settle();
    caller.send({ id: "late" });
    await cluster.clock.advance(1000);
    expect(other.events.count("requestAttached")).toBe(2);
    expect(worker.batches).toHaveLength(1);
    worker.done(batchId, { failed: ["early"] });
    await cluster.clock.settle();
    expect(worker.batches).toHaveLength(2);
    expect(worker.batch.requests.map(({ id, attempt }) => [id, attempt])).toEqual([["early", 1]]);
  });

  test("a standby takes the pool of a crashed owner although its record was lost with all others", async () => {
    await using cluster = createCluster();
    const owner = await cluster.start(winner);
    await cluster.start(standby);
    cluster.worker();
    await cluster.clock.advance(3000);
    const name = `KV_${buckets.pools}`;
    cluster.nats.addStream({ name, subjects: [`$KV.${buckets.pools}.>`] }).lose();
    await owner.kill();
    await cluster.clock.advance(5000);
    expect(await cluster.record()).toMatchObject({ owner: standby });
  });
});

describe("lease", () => {
  test("an owner behind its workers takes its pool anew when it looks at its lease, so that they follow it", async () => {
    await using scene = await createScene();
    const { cluster, worker, caller } = scene;
    expect(await cluster.record()).toMatchObject({ epoch: 1 });
    worker.epoch = 7;
    cluster.nats.setJetStreamAvailable(false);
    await cluster.clock.advance(10_000);
    expect(await cluster.record().catch(() => undefined)).toBeUndefined();
    cluster.nats.setJetStreamAvailable(true);
    await cluster.clock.advance(5000);
    expect(await cluster.record()).toMatchObject({ epoch: 8, state: "taken" });
    worker.credit({ epoch: 8 });
    caller.send({ id: "a" });
    await cluster.clock.advance(1000);
    expect(worker.batches.map(idsOf)).toEqual([["a"]]);
  });

  test("the owner goes on while JetStream is away", async () => {
    await using scene = await createScene();
    const { cluster, worker, caller } = scene;
    cluster.nats.setJetStreamAvailable(false);
    await cluster.clock.advance(10_000);
    worker.credit();
    caller.send({ id: "a" });
    await cluster.clock.settle();
    expect(worker.batches.map(idsOf)).toEqual([["a"]]);
    cluster.nats.setJetStreamAvailable(true);
    await cluster.clock.advance(3000);
    worker.credit();
    caller.send({ id: "b" });
    await cluster.clock.settle();
    expect(idsOf(worker.batch)).toEqual(["b"]);
    expect(await cluster.record()).toMatchObject({ epoch: 1 });
  });

  test("an owner beats again whose connection was lost while it asked whether JetStream was away", async () => {
    await using cluster = createCluster();
    const owner = await cluster.start(winner);
    const other = await cluster.start(standby);
    cluster.worker();
    await cluster.clock.advance(3000);
    const asked = vi.spyOn(owner.messaging, "flush").mockRejectedValueOnce(messagingErrors.disconnected());
    cluster.nats.setJetStreamAvailable(false);
    await cluster.clock.advance(500);
    expect(asked).toHaveBeenCalled();
    cluster.nats.setJetStreamAvailable(true);
    await cluster.clock.advance(10_000);
    expect(await cluster.record()).toMatchObject({ owner: winner, epoch: 1 });
    expect(other.events.count("poolOwned")).toBe(0);
  });

  test("nobody takes a pool because it could not see the others itself", async () => {
    await using cluster = createCluster();
    await cluster.start(winner);
    const other = await cluster.start(standby);
    cluster.worker();
    await cluster.clock.advance(3000);
    cluster.nats.disconnect(other.messaging);
    await cluster.clock.advance(10_000);
    cluster.nats.reconnect(other.messaging);
    await cluster.clock.advance(3000);
    expect(await cluster.record()).toMatchObject({ owner: winner, epoch: 1 });
    expect(other.events.count("poolOwned")).toBe(0);
  });

  test("an owner that is cut off loses its lease, and gives up when it finds a newer epoch", async () => {
    await using cluster = createCluster();
    const owner = await cluster.start(winner);
    const other = await cluster.start(standby);
    const worker = cluster.worker();
    const caller = cluster.caller();
    await cluster.clock.advance(3000);
    caller.send({ id: "a" });
    await cluster.clock.settle();
    cluster.nats.disconnect(owner.messaging);
    await cluster.clock.advance(4000);
    expect(owner.events.count("leaseLapsed")).toBeGreaterThan(0);
    expect(await cluster.record()).toMatchObject({ owner: standby, epoch: 2 });
    cluster.nats.reconnect(owner.messaging);
    await cluster.clock.advance(1000);
    expect(owner.events.all).toContainEqual({
      type: "poolLost",
      pool: "gpu",
      epoch: 1,
      reason: "newerEpoch",
    });
    worker.credit({ epoch: 2 });
    await cluster.clock.settle();
    expect(worker.batches).toEqual([]);
    expect(caller.frames).toEqual([]);
    caller.send({ id: "a" });
    await cluster.clock.settle();
    expect(worker.batch).toMatchObject({ epoch: 2 });
    expect(other.events.count("poolLost")).toBe(0);
  });

  test("what comes for a pool after its owner stood still goes to the new one, whatever the old one does", async () => {
    await using cluster = createCluster();
    const owner = await cluster.start(winner);
    const other = await cluster.start(standby);
    const worker = cluster.worker();
    const caller = cluster.caller();
    await cluster.clock.advance(3000);
    cluster.nats.stall(owner.messaging);
    await cluster.clock.advance(4000);
    expect(await cluster.record()).toMatchObject({ owner: standby, epoch: 2 });
    for (const id of ["a", "b", "c", "d"]) caller.send({ id });
    worker.credit({ epoch: 2, capacity: 4 });
    await cluster.clock.settle();
    expect(idsOf(worker.batch)).toEqual(["a", "b", "c", "d"]);
    cluster.nats.resume(owner.messaging);
    await cluster.clock.advance(1000);
    expect(owner.events.count("poolLost")).toBe(1);
    expect(other.events.count("poolLost")).toBe(0);
    expect(worker.batches).toHaveLength(1);
  });

  test("an owner that stood still refuses nothing that the new one has", async () => {
    await using cluster = createCluster();
    const owner = await cluster.start(winner, { settings: { maxQueueRequests: 1 } });
    await cluster.start(standby);
    cluster.worker();
    const caller = cluster.caller();
    await cluster.clock.advance(3000);
    cluster.nats.stall(owner.messaging);
    const requests = [{ id: "a" }, { id: "b" }, { id: "c" }];
    caller.send(...requests);
    await cluster.clock.advance(4000);
    caller.send(...requests);
    await cluster.clock.settle();
    cluster.nats.resume(owner.messaging);
    await cluster.clock.advance(1000);
    expect(owner.events.count("poolLost")).toBe(1);
    expect(caller.frames).toEqual([]);
  });

  test("an owner that was cut off, and whose pool nobody took, goes on in an epoch of its own", async () => {
    await using scene = await createScene();
    const { cluster, worker, caller, dispatcher } = scene;
    cluster.nats.disconnect(dispatcher.messaging);
    await cluster.clock.advance(5000);
    cluster.nats.reconnect(dispatcher.messaging);
    await cluster.clock.advance(1500);
    worker.credit({ epoch: 2 });
    caller.send({ id: "a" });
    await cluster.clock.settle();
    expect(worker.batches.map(idsOf)).toEqual([["a"]]);
    expect(await cluster.record()).toEqual({ owner: "d1", epoch: 2, state: "taken" });
  });
});
