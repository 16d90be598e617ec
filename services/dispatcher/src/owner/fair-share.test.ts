import { describe, expect, test } from "vitest";
import type { Cluster } from "../testing/cluster.ts";
import { createScene, type Scene } from "../testing/scene.ts";
import { setGroup, setTenant } from "../testing/set-tenant.ts";
import { idsOf, type StubWorker } from "../testing/stub-worker.ts";

/** Sends `count` requests of a tenant, named after it: `a-0`, `a-1` … */
function send({ cluster }: Scene, tenant: string, count: number): void {
  const requests = Array.from({ length: count }, (_, number) => ({ id: `${tenant}-${number}` }));
  cluster.caller({ tenant }).send(...requests);
}

interface RunOptions {
  readonly batchCount: number;
  readonly capacity?: number;
  /** Worker-milliseconds that a batch takes. */
  readonly costMs?: (ids: readonly string[]) => number;
}

/** Lets a worker take and finish batches, one after the other; gives the ids of each. */
async function run(worker: StubWorker, cluster: Cluster, options: RunOptions): Promise<string[][]> {
  const { batchCount, capacity = 1, costMs = () => 10 } = options;
  const batches: string[][] = [];
  for (let count = 0; count < batchCount; count++) {
    worker.credit({ capacity });
    await cluster.clock.settle();
    const ids = idsOf(worker.batch);
    worker.done(worker.batch.batchId, { costMs: costMs(ids) });
    await cluster.clock.settle();
    batches.push(ids);
  }
  return batches;
}

function countOf(tenant: string, batches: readonly (readonly string[])[]): number {
  return batches.flat().filter((id) => id.startsWith(`${tenant}-`)).length;
}

describe("owner - fair share", () => {
  test("serves a tenant that comes to a long queue of another at once", async () => {
    await using scene = await createScene();
    const { cluster, worker } = scene;
    send(scene, "noisy", 200);
    await run(worker, cluster, { batchCount: 5 });
    send(scene, "quiet", 2);
    const batches = await run(worker, cluster, { batchCount: 4 });
    expect(countOf("quiet", batches)).toBe(2);
  });

  test("divides the time of the workers by the weights of the tenants' records, which may change at any time", async () => {
    await using scene = await createScene();
    const { cluster, worker } = scene;
    await setTenant(cluster, "a", { weight: 3 });
    send(scene, "a", 200);
    send(scene, "b", 200);
    expect(countOf("a", await run(worker, cluster, { batchCount: 80 }))).toBeCloseTo(60, -1);
    await setTenant(cluster, "a", { weight: 1 });
    expect(countOf("a", await run(worker, cluster, { batchCount: 80 }))).toBeCloseTo(40, -1);
  });

  test("serves an urgent tenant first, at once when its record says so, and leaves the others their floor", async () => {
    await using scene = await createScene();
    const { cluster, worker } = scene;
    send(scene, "plain", 200);
    await run(worker, cluster, { batchCount: 1 });
    send(scene, "first", 200);
    expect(countOf("first", await run(worker, cluster, { batchCount: 20 }))).toBeCloseTo(10, -1);
    await setTenant(cluster, "first", { class: "urgent" });
    const batches = await run(worker, cluster, { batchCount: 121 });
    expect(countOf("plain", batches.slice(1))).toBe(5);
    await setTenant(cluster, "first", { class: "background" });
    expect(countOf("first", await run(worker, cluster, { batchCount: 40 }))).toBeLessThanOrEqual(3);
  });

  test("counts the time that requests take, not their number", async () => {
    await using scene = await createScene();
    const { cluster, worker } = scene;
    send(scene, "costly", 200);
    send(scene, "cheap", 200);
    const costMs = ([id = ""]: readonly string[]): number => (id.startsWith("costly") ? 100 : 10);
    const batches = await run(worker, cluster, { batchCount: 110, costMs });
    expect(countOf("cheap", batches) / countOf("costly", batches)).toBeGreaterThan(8);
  });

  test("charges the requests of a batch for their part of its time", async () => {
    await using scene = await createScene();
    const { cluster, worker } = scene;
    for (const tenant of ["a", "b", "c"]) send(scene, tenant, 20);
    await run(worker, cluster, { batchCount: 1, capacity: 2, costMs: () => 100 });
    // Two of them were charged 50 ms each, the third has as much to come.
    const batches = await run(worker, cluster, { batchCount: 8 });
    expect(batches.slice(0, 5).map(([id]) => id?.charAt(0))).toEqual(["c", "c", "c", "c", "c"]);
    expect(new Set(batches.slice(5).map(([id]) => id?.charAt(0)))).toEqual(new Set(["a", "b", "c"]));
  });

  test("charges what a batch has cost while it runs, and no more for it in the end", async () => {
    await using scene = await createScene();
    const { cluster, worker } = scene;
    send(scene, "a", 20);
    worker.credit({ capacity: 1 });
    await cluster.clock.settle();
    const { batchId } = worker.batch;
    worker.costsMs.set(batchId, 55);
    await cluster.clock.advance(1000);
    send(scene, "b", 20);
    const meanwhile = await run(worker, cluster, { batchCount: 8 });
    expect(countOf("b", meanwhile)).toBe(7);
    worker.done(batchId, { costMs: 55 });
    await cluster.clock.settle();
    expect(countOf("b", await run(worker, cluster, { batchCount: 8 }))).toBe(4);
  });

  test("charges nothing for what comes back", async () => {
    await using scene = await createScene();
    const { cluster, worker } = scene;
    send(scene, "a", 20);
    for (let count = 0; count < 5; count++) {
      worker.credit({ capacity: 1 });
      await cluster.clock.settle();
      worker.done(worker.batch.batchId, { costMs: 1000, returned: idsOf(worker.batch) });
      await cluster.clock.settle();
    }
    send(scene, "b", 20);
    expect(countOf("a", await run(worker, cluster, { batchCount: 10 }))).toBe(5);
  });

  test("charges nothing for what its worker did not run, and all of the batch for what it ran", async () => {
    await using scene = await createScene();
    const { cluster, worker } = scene;
    send(scene, "a", 20);
    send(scene, "b", 20);
    worker.credit({ capacity: 2 });
    await cluster.clock.settle();
    const { batchId, requests } = worker.batch;
    expect(requests.map(({ tenant }) => tenant)).toEqual(["a", "b"]);
    const unrun = requests.filter(({ tenant }) => tenant === "a").map(({ id, reply }) => ({ id, reply }));
    worker.done(batchId, { costMs: 60, unrun });
    await cluster.clock.settle();
    // Six batches of 10 ms are what the other one is ahead.
    expect(countOf("a", await run(worker, cluster, { batchCount: 6 }))).toBe(6);
  });

  test("keeps a tenant within its maxInFlight, and gives the rest to others", async () => {
    await using scene = await createScene();
    const { cluster, worker } = scene;
    await setTenant(cluster, "a", { maxInFlight: 2 });
    send(scene, "a", 10);
    send(scene, "b", 3);
    for (let count = 0; count < 8; count++) worker.credit({ capacity: 1 });
    await cluster.clock.settle();
    const running = worker.batches.map(idsOf);
    expect(countOf("a", running)).toBe(2);
    expect(countOf("b", running)).toBe(3);
    const [first] = worker.batches;
    worker.done(first?.batchId ?? "", { costMs: 10 });
    await cluster.clock.settle();
    expect(worker.batches).toHaveLength(6);
  });

  test("awaits the report of a batch where a tenant has half of its maxInFlight with workers, or its group has", async () => {
    await using scene = await createScene();
    const { cluster, worker } = scene;
    await setTenant(cluster, "a", { maxInFlight: 4 });
    await setGroup(cluster, "lab", { maxInFlight: 3 });
    await setTenant(cluster, "b", { group: "lab" });
    const isAwaited: boolean[] = [];
    for (const tenant of ["c", "a", "a", "b", "b"]) {
      send(scene, tenant, 1);
      worker.credit({ capacity: 1 });
      await cluster.clock.settle();
      isAwaited.push(worker.batch.isReportAwaited);
    }
    expect(isAwaited).toEqual([false, false, true, false, true]);
  });
});
