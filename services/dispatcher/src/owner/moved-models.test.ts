import { buckets, decodeModelRecord } from "@sluice/protocol";
import { aSignature } from "@sluice/testing";
import { describe, expect, test } from "vitest";
import { createCluster, type Cluster, type RunningDispatcher } from "../testing/cluster.ts";
import { idsOf, type StubWorker } from "../testing/stub-worker.ts";

const moved = aSignature({ name: "moved" });
const stays = aSignature({ name: "stays" });

interface Scene extends AsyncDisposable {
  readonly cluster: Cluster;
  readonly owner: RunningDispatcher;
  readonly standby: RunningDispatcher;
  /** Of the pool that the model left. */
  readonly left: StubWorker;
  /** Of the pool that it belongs to now. */
  readonly joined: StubWorker;
}

/** Pool `cpu`, which was taken, so that its queue group is its own, had model `moved`, which workers of pool `gpu` have now. */
async function createScene(): Promise<Scene> {
  const cluster = createCluster();
  const first = await cluster.start("d1");
  const before = cluster.worker({ name: "w1", pool: "cpu", models: [moved, stays] });
  await cluster.clock.advance(1000);
  await first.kill();
  const owner = await cluster.start("d2");
  const standby = await cluster.start("d3");
  await cluster.clock.advance(3000);
  before.silence();
  const left = cluster.worker({ name: "w2", pool: "cpu", models: [stays] });
  const joined = cluster.worker({ name: "w3", pool: "gpu", models: [moved] });
  await cluster.clock.advance(4000);
  return {
    cluster,
    owner,
    standby,
    left,
    joined,
    [Symbol.asyncDispose]: () => cluster[Symbol.asyncDispose](),
  };
}

describe("a model that moves to another pool", () => {
  test("is left by the owner of the pool that it was in, which refuses its requests no more", async () => {
    await using scene = await createScene();
    const { cluster, left, joined } = scene;
    const caller = cluster.caller({ model: "moved" });
    for (const id of ["a", "b", "c"]) {
      caller.send({ id });
      joined.credit({ epoch: 1 });
      await cluster.clock.advance(100);
    }
    expect(joined.batches.flatMap(idsOf)).toEqual(["a", "b", "c"]);
    expect(caller.frames).toEqual([]);
    expect(left.events.at(-1)?.models.map(({ name }) => name)).toEqual(["stays"]);
  });

  test("keeps the record that names its new pool, whoever owns the other one next", async () => {
    await using scene = await createScene();
    const { cluster, owner, standby } = scene;
    const [other, next] = owner.events.count("poolOwned") > 0 ? [owner, standby] : [standby, owner];
    await other.stop();
    await cluster.clock.advance(3000);
    expect(next.events.count("poolOwned")).toBeGreaterThan(0);
    const bucket = await cluster.nats.connect().keyValue(buckets.models);
    const entry = await bucket.get("moved");
    expect(entry && decodeModelRecord(entry.value).pool).toBe("gpu");
  });

  test("what waits for it in the pool that it left is refused, to be sent again to the other one", async () => {
    await using cluster = createCluster();
    await cluster.start("d1");
    const before = cluster.worker({ name: "w1", pool: "cpu", models: [moved] });
    const caller = cluster.caller({ model: "moved" });
    await cluster.clock.advance(1000);
    caller.send({ id: "a" });
    before.silence();
    cluster.worker({ name: "w2", pool: "gpu", models: [moved] });
    await cluster.clock.advance(3000);
    expect(caller.frames).toMatchObject([{ id: "a", code: "unavailable", retryAfterMs: 1000 }]);
  });
});
