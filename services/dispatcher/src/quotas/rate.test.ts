import { describe, expect, test } from "vitest";
import { createQuotaScene } from "../testing/quota-scene.ts";
import { createScene, type Scene } from "../testing/scene.ts";
import { setTenant } from "../testing/set-tenant.ts";

/** One dispatcher with one pool, whose requests cost 200 ms as it has learned, and a rate for `acme`. */
async function createRatedScene(rateMsPerSecond = 1000): Promise<Scene> {
  const scene = await createScene();
  const { cluster, worker, caller } = scene;
  caller.send({ id: "first" });
  worker.credit({ capacity: 1 });
  await cluster.clock.settle();
  worker.done(worker.batch.batchId, { costMs: 200 });
  await cluster.clock.settle();
  await setTenant(cluster, "acme", { rateMsPerSecond });
  return scene;
}

/** Sends so many requests in one message, named `<name>-0` …, and tells how many of them were refused. */
async function refusedOf({ cluster, caller }: Scene, name: string, count: number): Promise<number> {
  const before = caller.frames.length;
  caller.send(...Array.from({ length: count }, (_, index) => ({ id: `${name}-${index}` })));
  await cluster.clock.settle();
  return caller.frames.length - before;
}

describe("a rate - one dispatcher", () => {
  test("lets a burst in, and refuses the rest at once, saying by how much and for how long", async () => {
    await using scene = await createRatedScene();
    expect(await refusedOf(scene, "a", 7)).toBe(2);
    expect(scene.caller.frames.map(({ id }) => id)).toEqual(["a-5", "a-6"]);
    expect(scene.caller.frames[0]).toMatchObject({
      code: "resourceExhausted",
      message: expect.stringMatching(/"acme" would spend 1200 .* at most 1000 \(rateMsPerSecond\)/),
      details: { limit: "rateMsPerSecond", of: "tenant", value: 1000, actual: 1200 },
      retryAfterMs: 200,
    });
    expect(scene.dispatcher.events.all).toContainEqual({
      type: "requestsRefused",
      pool: "gpu",
      model: "echo",
      tenant: "acme",
      code: "resourceExhausted",
      limit: "rateMsPerSecond",
      of: "tenant",
      count: 2,
    });
  });

  test("lets in what was refused once the time that it was told has passed", async () => {
    await using scene = await createRatedScene();
    await refusedOf(scene, "a", 6);
    await scene.cluster.clock.advance(199);
    expect(await refusedOf(scene, "b", 1)).toBe(1);
    await scene.cluster.clock.advance(1);
    expect(await refusedOf(scene, "c", 2)).toBe(1);
  });

  test("is charged what a request cost, once that is known", async () => {
    await using scene = await createRatedScene();
    const { cluster, worker } = scene;
    await refusedOf(scene, "a", 5);
    worker.credit({ capacity: 5 });
    await cluster.clock.settle();
    worker.done(worker.batch.batchId, { costMs: 1000 - 400 });
    await cluster.clock.settle();
    // 400 ms are back, and requests are estimated to cost less.
    expect(await refusedOf(scene, "b", 3)).toBe(1);
  });

  test("is charged nothing for what is given up, or waits for too long", async () => {
    await using scene = await createRatedScene();
    const { cluster, caller } = scene;
    await refusedOf(scene, "a", 4);
    caller.control({ cancel: ["a-0", "a-1"] });
    caller.send({ id: "short", timeoutMs: 10 });
    await cluster.clock.advance(10);
    expect(caller.codeOf("short")).toBe("deadlineExceeded");
    expect(await refusedOf(scene, "b", 4)).toBe(1);
  });

  test("is charged nothing for what fails, and again for each attempt", async () => {
    await using scene = await createRatedScene();
    const { cluster, worker, caller } = scene;
    await refusedOf(scene, "a", 5);
    caller.control({ cancel: ["a-1", "a-2", "a-3", "a-4"] });
    await cluster.clock.settle();
    for (let attempt = 0; attempt < 3; attempt++) {
      worker.credit();
      await cluster.clock.settle();
      expect(await refusedOf(scene, `full-${attempt}`, 5)).toBe(1);
      caller.control({ cancel: Array.from({ length: 4 }, (_, index) => `full-${attempt}-${index}`) });
      worker.done(worker.batch.batchId, { costMs: 900, failed: ["a-0"] });
      await cluster.clock.settle();
    }
    expect(caller.codeOf("a-0")).toBe("internal");
    expect(await refusedOf(scene, "b", 6)).toBe(1);
  });

  test("lets in what costs more than the burst, and nothing else until that is paid", async () => {
    await using scene = await createRatedScene(100);
    expect(await refusedOf(scene, "a", 2)).toBe(1);
    expect(scene.caller.frames[0]).toMatchObject({ retryAfterMs: 1500 });
    await scene.cluster.clock.advance(1499);
    expect(await refusedOf(scene, "b", 1)).toBe(1);
    await scene.cluster.clock.advance(1);
    expect(await refusedOf(scene, "c", 1)).toBe(0);
  });

  test("changes with the next message when the record does", async () => {
    await using scene = await createRatedScene();
    await refusedOf(scene, "a", 6);
    await setTenant(scene.cluster, "acme", { rateMsPerSecond: 1000, burstMs: 3000 });
    expect(await refusedOf(scene, "b", 11)).toBe(1);
    await setTenant(scene.cluster, "acme");
    expect(await refusedOf(scene, "c", 50)).toBe(0);
  });

  test("limits nobody else", async () => {
    await using scene = await createRatedScene();
    await refusedOf(scene, "a", 20);
    const other = scene.cluster.caller({ tenant: "other" });
    other.send(...Array.from({ length: 50 }, (_, index) => ({ id: `o-${index}` })));
    await scene.cluster.clock.settle();
    expect(other.frames).toEqual([]);
  });
});

describe("a rate - two pools of two dispatchers", () => {
  test("is one for both", async () => {
    const costMs = 20;
    await using scene = await createQuotaScene(costMs);
    const { cluster, home, other } = scene;
    await setTenant(cluster, "acme", { rateMsPerSecond: 1000 });
    const seconds = 10;
    for (let step = 0; step < seconds * 20; step++) {
      await home.spend(4);
      await other.spend(4);
      await cluster.clock.advance(50);
    }
    const spentMs = home.spentMs + other.spentMs;
    // Burst and rate; a chunk of 250 ms on credit and one request for each dispatcher.
    expect(spentMs).toBeLessThanOrEqual(1000 + 1000 * seconds + 2 * (250 + costMs));
    expect(spentMs).toBeGreaterThanOrEqual(1000 * seconds);
    expect(Math.min(home.spentMs, other.spentMs)).toBeGreaterThan(1000);
  });

  test("is given in full to the one that is called, wherever the home is", async () => {
    await using scene = await createQuotaScene(20);
    const { cluster, other } = scene;
    await setTenant(cluster, "acme", { rateMsPerSecond: 1000 });
    for (let step = 0; step < 100; step++) {
      await other.spend(8);
      await cluster.clock.advance(50);
    }
    expect(other.spentMs).toBeGreaterThanOrEqual(5000);
    expect(other.spentMs).toBeLessThanOrEqual(6000 + 2 * 270);
    const { code, retryAfterMs } = other.caller.frames.at(-1) ?? {};
    expect(code).toBe("resourceExhausted");
    expect(retryAfterMs).toBeGreaterThanOrEqual(20);
  });

  test("is there at once for what comes while a home is asked that has enough", async () => {
    const costMs = 20;
    await using scene = await createQuotaScene(costMs);
    const { cluster, other } = scene;
    await setTenant(cluster, "acme", { rateMsPerSecond: 1000 });
    await other.spend(1);
    // The wallet holds a chunk of 250 ms, and another is on credit.
    expect(await other.spend(24)).toBe(24);
    // The home was asked in between, and had 480 ms left of the burst.
    expect(await other.spend(24)).toBe(24);
    expect(other.caller.frames.map(({ code }) => code)).not.toContain("unavailable");
    // Now nothing is left.
    expect(await other.spend(24)).toBeLessThan(24);
    expect(new Set(other.caller.frames.map(({ code }) => code))).toEqual(new Set(["resourceExhausted"]));
  });

  test("goes on at its part where the home dies, until there is another", async () => {
    await using scene = await createQuotaScene(20);
    const { cluster, home, other } = scene;
    await setTenant(cluster, "acme", { rateMsPerSecond: 1000 });
    const spendFor = async (steps: number): Promise<number> => {
      const before = other.spentMs;
      for (let step = 0; step < steps; step++) {
        await other.spend(8);
        await cluster.clock.advance(50);
      }
      return other.spentMs - before;
    };
    await spendFor(40);
    await home.owner.kill();
    const alone = await spendFor(20);
    // Half of the rate for a second, and what the wallet held.
    expect(alone).toBeGreaterThanOrEqual(400);
    expect(alone).toBeLessThanOrEqual(500 + 1.5 * 250 + 20);
    expect(other.owner.events.count("quotaHomeSilent")).toBe(1);
    await cluster.clock.advance(3000);
    expect(await spendFor(40)).toBeGreaterThanOrEqual(2000);
  });
});
