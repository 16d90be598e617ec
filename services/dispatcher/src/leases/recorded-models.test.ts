import { buckets, encodeModelRecord } from "@sluice/protocol";
import { aSignature } from "@sluice/testing";
import { describe, expect, test } from "vitest";
import { createCluster, type Cluster } from "../testing/cluster.ts";
import { idsOf } from "../testing/stub-worker.ts";

/** Writes the record of a model that no worker has. */
async function record(cluster: Cluster, pool: string, name: string): Promise<void> {
  const bucket = await cluster.nats.connect().keyValue(buckets.models);
  await bucket.put(name, encodeModelRecord({ pool, signature: aSignature({ name }) }));
}

describe("takeover by a dispatcher that has just been started", () => {
  test("listens for the models that were recorded before any worker has told of them", async () => {
    await using cluster = createCluster();
    const owner = await cluster.start("d1");
    const worker = cluster.worker();
    const caller = cluster.caller();
    await cluster.clock.advance(3000);
    await owner.kill();
    const taker = await cluster.start("d2", {
      onEvent: ({ type }) => {
        if (type === "poolOwned") caller.send({ id: "a" });
      },
    });
    while (taker.events.count("poolOwned") === 0) await cluster.clock.advance(50);
    worker.credit({ epoch: 2, openRuns: [] });
    await cluster.clock.advance(400);
    expect(caller.undeliveredCount).toBe(0);
    expect(worker.batches.map(idsOf)).toEqual([["a"]]);
  });

  test("lets requests wait for workers that take long to tell of their models", async () => {
    await using cluster = createCluster();
    const owner = await cluster.start("d1");
    const messaging = cluster.nats.connect();
    const gone = cluster.worker({ messaging });
    await cluster.clock.advance(3000);
    await owner.kill();
    gone.silence();
    cluster.nats.kill(messaging);
    const other = cluster.worker({ name: "w2", models: [] });
    const caller = cluster.caller();
    const taker = await cluster.start("d2");
    while (taker.events.count("poolOwned") === 0) await cluster.clock.advance(50);
    await cluster.clock.advance(1000);
    caller.send({ id: "a" });
    await cluster.clock.advance(1000);
    expect(caller.frames).toEqual([]);
    cluster.worker({ name: "w3" }).credit({ epoch: 2, openRuns: [] });
    await cluster.clock.settle();
    expect(other.batches).toEqual([]);
    expect(caller.frames).toEqual([]);
    expect(taker.events.count("batchSent")).toBe(1);
  });

  test("refuses nothing for want of a worker before workers that told of their models have said whether they take work", async () => {
    await using cluster = createCluster();
    const owner = await cluster.start("d1");
    const worker = cluster.worker();
    const caller = cluster.caller();
    await cluster.clock.advance(3000);
    await owner.kill();
    // Under its own name it takes its pool at once, just after the worker's heartbeat: the next one is 500 ms away.
    const taker = await cluster.start("d1");
    expect(taker.events.count("poolOwned")).toBe(1);
    worker.profile();
    await cluster.clock.advance(400);
    caller.send({ id: "a" });
    await cluster.clock.advance(200);
    expect(caller.frames).toEqual([]);
    worker.credit({ epoch: 2, openRuns: [] });
    await cluster.clock.settle();
    expect(worker.batches.map(idsOf)).toEqual([["a"]]);
  });

  test("leaves models again that were recorded and that no worker has", async () => {
    await using cluster = createCluster();
    const owner = await cluster.start("d1");
    const worker = cluster.worker();
    await cluster.clock.advance(3000);
    await record(cluster, "gpu", "removed");
    await record(cluster, "cpu", "elsewhere");
    const bucket = await cluster.nats.connect().keyValue(buckets.models);
    await bucket.put("unreadable", new TextEncoder().encode("{}"));
    await owner.kill();
    const taker = await cluster.start("d2");
    const [removed, elsewhere] = ["removed", "elsewhere"].map((model) => cluster.caller({ model }));
    while (taker.events.count("poolOwned") === 0) await cluster.clock.advance(50);
    removed?.send({ id: "a" });
    elsewhere?.send({ id: "a" });
    await cluster.clock.advance(6000);
    expect(removed?.codeOf("a")).toBe("unavailable");
    expect(elsewhere?.undeliveredCount).toBe(1);
    removed?.send({ id: "b" });
    await cluster.clock.advance(1000);
    expect(removed?.undeliveredCount).toBe(1);
    expect(worker.events.at(-1)?.models).toEqual([{ name: "echo", version: "1", workerCount: 1 }]);
    expect(taker.events.count("malformedMessage")).toBe(1);
  });

  test("hands over no model that is only recorded, so that its successor does not list it for ever", async () => {
    await using cluster = createCluster();
    const owner = await cluster.start("d1");
    const worker = cluster.worker();
    await cluster.clock.advance(3000);
    await record(cluster, "gpu", "removed");
    await owner.kill();
    const taker = await cluster.start("d2");
    while (taker.events.count("poolOwned") === 0) await cluster.clock.advance(50);
    const successor = await cluster.start("d3");
    await cluster.clock.advance(500);
    expect(worker.events.at(-1)?.models).toHaveLength(2);
    await taker.stop();
    expect(successor.events.count("poolOwned")).toBe(1);
    await cluster.clock.advance(8000);
    expect(worker.events.at(-1)?.models).toEqual([{ name: "echo", version: "1", workerCount: 1 }]);
  });
});
