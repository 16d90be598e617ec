import { buckets, defaultClassDefaults, encodeDefaultClassRecord, tenantKeys } from "@sluice/protocol";
import { rendezvousWinner } from "@sluice/scheduling";
import { describe, expect, test } from "vitest";
import { createCluster, type Cluster } from "../testing/cluster.ts";
import { createScene, type Scene } from "../testing/scene.ts";
import { setGroup, setTenant } from "../testing/set-tenant.ts";
import type { StubCaller } from "../testing/stub-caller.ts";
import type { StubWorker } from "../testing/stub-worker.ts";

/** Sends `count` requests in one message, named `<name>-0`, `<name>-1` … */
function send(caller: StubCaller, name: string, count: number): void {
  caller.send(...Array.from({ length: count }, (_, number) => ({ id: `${name}-${number}` })));
}

/** Lets a worker run one request of whoever is next. */
async function runOne(worker: StubWorker, { clock }: Cluster, costMs = 200): Promise<void> {
  worker.credit({ capacity: 1 });
  await clock.settle();
  worker.done(worker.batch.batchId, { costMs });
  await clock.settle();
}

interface BoundedScene extends Scene {
  /** Sends so many requests of `acme` in one message, and tells how many of them were refused. */
  refusedOf(name: string, count: number): Promise<number>;
}

/** A pool whose requests cost 200 ms, as it has learned, with a bound for `acme`. */
async function createBoundedScene(maxQueueSeconds: number): Promise<BoundedScene> {
  const scene = await createScene();
  const { cluster, worker, caller } = scene;
  await setTenant(cluster, "acme", { maxQueueSeconds });
  send(caller, "first", 1);
  await runOne(worker, cluster);
  return {
    ...scene,
    refusedOf: async (name, count) => {
      const before = caller.frames.length;
      send(caller, name, count);
      await cluster.clock.settle();
      return caller.frames.length - before;
    },
  };
}

describe("owner - maxQueueSeconds", () => {
  test("refuses at once what would make the tenant's queue longer, saying by how much", async () => {
    await using scene = await createBoundedScene(1);
    const { caller, dispatcher } = scene;
    expect(await scene.refusedOf("a", 7)).toBe(2);
    expect(caller.frames.map(({ id }) => id)).toEqual(["a-5", "a-6"]);
    expect(caller.frames[0]).toMatchObject({
      code: "resourceExhausted",
      message: expect.stringMatching(/"acme".*"gpu".*1\.2 s.*at most 1 \(maxQueueSeconds\)/),
      details: { limit: "maxQueueSeconds", of: "tenant", value: 1, actual: 1.2 },
      retryAfterMs: 200,
    });
    expect(dispatcher.events.all).toContainEqual({
      type: "requestsRefused",
      pool: "gpu",
      model: "echo",
      tenant: "acme",
      code: "resourceExhausted",
      limit: "maxQueueSeconds",
      of: "tenant",
      count: 2,
    });
  });

  test("counts what waits of earlier messages, and lets in again what fits", async () => {
    await using scene = await createBoundedScene(1);
    const { cluster, worker } = scene;
    expect(await scene.refusedOf("a", 4)).toBe(0);
    expect(await scene.refusedOf("b", 2)).toBe(1);
    await runOne(worker, cluster);
    expect(await scene.refusedOf("c", 2)).toBe(1);
  });

  test("measures with the share that the tenant is due beside those that have work", async () => {
    await using scene = await createBoundedScene(1);
    const { cluster } = scene;
    await setTenant(cluster, "other", { weight: 3 });
    send(cluster.caller({ tenant: "other" }), "o", 100);
    await cluster.clock.settle();
    // A quarter of the worker: 250 ms of it in a second.
    expect(await scene.refusedOf("a", 2)).toBe(1);
  });

  test("measures with all workers of the pool", async () => {
    await using scene = await createBoundedScene(1);
    scene.cluster.worker({ name: "w2" });
    await scene.cluster.clock.settle();
    expect(await scene.refusedOf("a", 11)).toBe(1);
  });

  test("refuses nobody else", async () => {
    await using scene = await createBoundedScene(0.1);
    const { cluster } = scene;
    expect(await scene.refusedOf("a", 10)).toBe(9);
    const other = cluster.caller({ tenant: "other" });
    send(other, "o", 100);
    await cluster.clock.settle();
    expect(other.frames).toEqual([]);
  });

  test("always lets one request wait, however dear", async () => {
    await using scene = await createBoundedScene(0.001);
    const { cluster, worker } = scene;
    for (const name of ["a", "b"]) {
      expect(await scene.refusedOf(name, 2)).toBe(1);
      await runOne(worker, cluster);
    }
    expect(scene.caller.frames[0]).toMatchObject({ id: "a-1", retryAfterMs: 200 });
  });

  test("counts from the next message on when the record changes", async () => {
    await using scene = await createBoundedScene(1);
    expect(await scene.refusedOf("a", 6)).toBe(1);
    await setTenant(scene.cluster, "acme", { maxQueueSeconds: 2 });
    expect(await scene.refusedOf("b", 6)).toBe(1);
    await setTenant(scene.cluster, "acme");
    expect(await scene.refusedOf("c", 50)).toBe(0);
  });

  test("of a group holds for all its tenants together, at the fair rate of the group", async () => {
    await using scene = await createBoundedScene(10);
    const { cluster, caller, dispatcher } = scene;
    for (const name of ["acme", "mate"]) await setTenant(cluster, name, { group: "lab" });
    await setGroup(cluster, "lab", { maxQueueSeconds: 1 });
    const mate = cluster.caller({ tenant: "mate" });
    send(mate, "m", 3);
    await cluster.clock.settle();
    expect(await scene.refusedOf("a", 4)).toBe(2);
    expect(caller.frames[0]).toMatchObject({
      code: "resourceExhausted",
      message: expect.stringMatching(/group "lab".*"gpu".*1\.2 s.*at most 1 \(maxQueueSeconds\)/),
      details: { limit: "maxQueueSeconds", of: "group", value: 1, actual: 1.2 },
      retryAfterMs: 200,
    });
    expect(await dispatcher.events.next("requestsRefused")).toMatchObject({ tenant: "acme", of: "group" });
    // Beside another that is due as much, half of the worker: what waits is too much now.
    send(cluster.caller({ tenant: "other" }), "o", 1);
    send(mate, "n", 1);
    await cluster.clock.settle();
    expect(mate.frames[0]).toMatchObject({ details: { of: "group", actual: 2.4 } });
  });

  test("of a group and of its tenant both hold", async () => {
    await using scene = await createBoundedScene(0.4);
    const { cluster, caller } = scene;
    await setTenant(cluster, "acme", { group: "lab", maxQueueSeconds: 0.4 });
    await setGroup(cluster, "lab", { maxQueueSeconds: 1 });
    expect(await scene.refusedOf("a", 3)).toBe(1);
    expect(caller.frames[0]).toMatchObject({ details: { of: "tenant" } });
  });

  test("of the default class holds for each of its tenants", async () => {
    await using scene = await createScene();
    const { cluster, worker } = scene;
    const bucket = await cluster.nats.connect().keyValue(buckets.tenants);
    const record = encodeDefaultClassRecord({ ...defaultClassDefaults, maxQueueSeconds: 1 });
    await bucket.put(tenantKeys.defaultClass(), record);
    send(scene.caller, "first", 1);
    await runOne(worker, cluster, 100);
    for (const { tenant, admitted } of [
      { tenant: "one", admitted: 10 },
      { tenant: "two", admitted: 5 },
    ]) {
      const caller = cluster.caller({ tenant });
      send(caller, tenant, 12);
      await cluster.clock.settle();
      expect(caller.frames).toHaveLength(12 - admitted);
    }
  });

  test("refuses nothing that callers send again right after a takeover", async () => {
    const winner = rendezvousWinner("gpu", ["d1", "d2"]) ?? "";
    await using cluster = createCluster();
    const owner = await cluster.start(winner);
    const standby = await cluster.start(winner === "d1" ? "d2" : "d1");
    cluster.worker();
    await cluster.clock.advance(1000);
    // Nothing is known of costs: an item counts as a millisecond.
    await setTenant(cluster, "acme", { maxQueueSeconds: 0.005 });
    await owner.kill();
    while (standby.events.count("poolOwned") === 0) await cluster.clock.advance(50);
    const caller = cluster.caller();
    send(caller, "again", 8);
    await cluster.clock.settle();
    expect(caller.frames).toEqual([]);
    await cluster.clock.advance(300);
    send(caller, "new", 1);
    await cluster.clock.settle();
    expect(caller.codeOf("new-0")).toBe("resourceExhausted");
  });
});
