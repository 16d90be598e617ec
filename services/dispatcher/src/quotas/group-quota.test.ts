import { buckets, decodeBudgetRecord } from "@sluice/protocol";
import { describe, expect, test } from "vitest";
import { createQuotaScene } from "../testing/quota-scene.ts";
import { createScene, type Scene } from "../testing/scene.ts";
import { setGroup, setTenant } from "../testing/set-tenant.ts";
import type { StubCaller } from "../testing/stub-caller.ts";

interface GroupScene extends Scene {
  readonly mate: StubCaller;
  /** Sends so many requests in one message, and tells how many of them were refused. */
  refusedOf(caller: StubCaller, name: string, count: number): Promise<number>;
}

/** One dispatcher; tenants `acme` and `mate` of group `lab`, whose requests cost 200 ms as it has learned. */
async function createGroupScene(): Promise<GroupScene> {
  const scene = await createScene();
  const { cluster, worker, caller } = scene;
  caller.send({ id: "first" });
  worker.credit({ capacity: 1 });
  await cluster.clock.settle();
  worker.done(worker.batch.batchId, { costMs: 200 });
  await cluster.clock.settle();
  for (const tenant of ["acme", "mate"]) await setTenant(cluster, tenant, { group: "lab" });
  return {
    ...scene,
    mate: cluster.caller({ tenant: "mate" }),
    refusedOf: async (from, name, count) => {
      const before = from.frames.length;
      from.send(...Array.from({ length: count }, (_, index) => ({ id: `${name}-${index}` })));
      await cluster.clock.settle();
      return from.frames.length - before;
    },
  };
}

describe("the rate of a group", () => {
  test("is one for all its tenants, and a refusal says that it is the group's", async () => {
    await using scene = await createGroupScene();
    const { cluster, caller, mate, refusedOf } = scene;
    await setGroup(cluster, "lab", { rateMsPerSecond: 1000 });
    expect(await refusedOf(caller, "a", 3)).toBe(0);
    expect(await refusedOf(mate, "m", 4)).toBe(2);
    expect(mate.frames[0]).toMatchObject({
      code: "resourceExhausted",
      message: expect.stringMatching(/^group "lab" would spend 1200 .* at most 1000 \(rateMsPerSecond\)/),
      details: { limit: "rateMsPerSecond", of: "group", value: 1000, actual: 1200 },
      retryAfterMs: 200,
    });
    await cluster.clock.advance(200);
    expect(await refusedOf(caller, "b", 2)).toBe(1);
  });

  test("is charged beside that of the tenant: what one of the two does not pay for is charged to neither", async () => {
    await using scene = await createGroupScene();
    const { cluster, caller, mate, refusedOf } = scene;
    await setTenant(cluster, "acme", { group: "lab", rateMsPerSecond: 500, burstMs: 600 });
    await setGroup(cluster, "lab", { rateMsPerSecond: 1000 });
    expect(await refusedOf(mate, "m", 4)).toBe(0);
    expect(await refusedOf(caller, "a", 3)).toBe(2);
    expect(caller.frames[0]).toMatchObject({ details: { of: "group" } });
    // What is given up pays both back.
    mate.control({ cancel: ["m-0", "m-1", "m-2", "m-3"] });
    await cluster.clock.settle();
    expect(await refusedOf(caller, "b", 3)).toBe(1);
    expect(caller.frames.at(-1)).toMatchObject({ details: { of: "tenant", value: 500 } });
    expect(await refusedOf(mate, "n", 3)).toBe(1);
  });

  test("is one for the pools of two dispatchers", async () => {
    const costMs = 20;
    await using scene = await createQuotaScene(costMs);
    const { cluster, home, other } = scene;
    await setGroup(cluster, "lab", { rateMsPerSecond: 1000 });
    await setTenant(cluster, "acme", { group: "lab" });
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
    let leasedMs = 0;
    for (const { owner } of [home, other]) {
      for (const event of owner.events.all) {
        if (event.type === "quotasSampled" && event.of === "group") leasedMs += event.leasedMs;
      }
    }
    expect(leasedMs).toBeGreaterThanOrEqual(spentMs - 2 * 250);
  });
});

describe("the budget of a group", () => {
  test("is one for both pools, under a key that no tenant has", async () => {
    await using scene = await createQuotaScene(20);
    const { cluster, home, other } = scene;
    await setGroup(cluster, "lab", { dailyBudgetSeconds: 4 });
    await setTenant(cluster, "acme", { group: "lab", dailyBudgetSeconds: 60 });
    for (let step = 0; step < 200; step++) {
      await home.spend(3);
      await other.spend(3);
      await cluster.clock.advance(50);
    }
    const spentMs = home.spentMs + other.spentMs;
    // A piece is 200 ms, a chunk of two dispatchers 50.
    expect(spentMs).toBeGreaterThanOrEqual(4000 - 50 - 20);
    expect(spentMs).toBeLessThanOrEqual(4000 + 2 * (50 + 20));
    expect(home.caller.frames.at(-1)).toMatchObject({
      code: "resourceExhausted",
      details: { limit: "dailyBudgetSeconds", of: "group", value: 4 },
    });
    const bucket = await cluster.nats.connect().keyValue(buckets.budgets);
    const record = await bucket.get("group.lab");
    expect(record && decodeBudgetRecord(record.value).daySpentMs).toBeGreaterThanOrEqual(spentMs);
    expect((await scene.budget())?.daySpentMs).toBeLessThan(10_000);
  });
});
