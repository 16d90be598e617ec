import { describe, expect, test } from "vitest";
import { anEntry, someLimits, type NamedEntry } from "../contract/entries.ts";
import { createFairQueue, type FairQueue } from "./fair-queue.ts";
import { createTestPolicies, type TestPolicies } from "./pool.fixture.ts";
import type { TenantShare } from "./tenant-share.ts";

interface Scene {
  readonly queue: FairQueue<NamedEntry>;
  add(tenant: string, count?: number): void;
  /** Takes one batch and settles it at a millisecond for each. */
  run(most: number): void;
  share(tenant: string): TenantShare<NamedEntry>;
}

function aScene(policies: TestPolicies): Scene {
  const queue = createFairQueue<NamedEntry>({ policies });
  let arrival = 0;
  return {
    queue,
    add: (tenant, count = 1) => {
      for (let index = 0; index < count; index++) {
        arrival += 1;
        queue.add(anEntry({ arrival, tenant }));
      }
    },
    run: (most) => {
      for (const entry of queue.take(someLimits({ most }), 0)) queue.settle(entry, 1);
    },
    share: (tenant) => {
      const found = [...queue.shares()].find((share) => share.tenant === tenant);
      if (found === undefined) throw new Error(`${tenant} is not listed`);
      return found;
    },
  };
}

describe("shares() of createFairQueue()", () => {
  test("divides the pool by weight among those that have work, groups first", () => {
    const scene = aScene(
      createTestPolicies({ one: { group: "lab" }, two: { group: "lab", weight: 3 } }, { lab: { weight: 2 } }),
    );
    for (const tenant of ["one", "two", "alone", "done"]) scene.add(tenant);
    expect(scene.share("alone").fairShare).toBeCloseTo(1 / 4);
    scene.run(4);
    for (const tenant of ["one", "two", "alone"]) scene.add(tenant);
    expect(scene.share("one")).toMatchObject({ group: "lab", weight: 1, waiting: 1 });
    expect(scene.share("one").fairShare).toBeCloseTo(1 / 6);
    expect(scene.share("two").fairShare).toBeCloseTo(1 / 2);
    expect(scene.share("alone").fairShare).toBeCloseTo(1 / 3);
    expect(scene.share("done").fairShare).toBe(0);
  });

  test("tells how far each lags behind its weight; what one lacks the others have", () => {
    const scene = aScene(createTestPolicies({ big: { weight: 3 }, member: { group: "lab" } }));
    scene.add("small", 10);
    scene.run(6);
    for (const tenant of ["big", "member"]) scene.add(tenant, 10);
    // All three stand at 6 virtual milliseconds; five weights together receive 10 ms.
    scene.run(10);
    expect(scene.share("big").lagMs + scene.share("small").lagMs + scene.share("member").lagMs).toBeCloseTo(
      0,
    );
    for (const tenant of ["big", "small", "member"]) {
      expect(Math.abs(scene.share(tenant).lagMs)).toBeLessThanOrEqual(1);
    }
  });

  test("shows who received more than others that wait, with work or without", () => {
    const scene = aScene(createTestPolicies());
    scene.add("waits", 10);
    scene.add("takes", 4);
    const [first] = scene.queue.take(someLimits({ most: 1 }), 0);
    if (first !== undefined) scene.queue.settle(first, 101);
    expect(scene.share("waits").lagMs).toBeCloseTo(-50.5);
    expect(scene.share("takes").lagMs).toBeCloseTo(50.5);
    scene.run(20);
    scene.add("late", 1);
    expect(scene.share("takes")).toMatchObject({ waiting: 0, inFlight: 0, fairShare: 0 });
    expect(scene.share("takes").lagMs).toBeLessThanOrEqual(0);
  });

  test("counts what waits, what is in flight, and names the one that came first", () => {
    const scene = aScene(createTestPolicies());
    scene.queue.add(anEntry({ arrival: 1, deadlineMs: 90 }));
    scene.queue.add(anEntry({ arrival: 2, deadlineMs: 10 }));
    scene.queue.add(anEntry({ arrival: 3, model: "other" }));
    expect(scene.share("acme")).toMatchObject({ waiting: 3, inFlight: 0, chargedMs: 0 });
    expect(scene.share("acme").oldest?.key).toBe("r1");
    scene.queue.take(someLimits({ most: 1 }), 0);
    expect(scene.share("acme")).toMatchObject({ waiting: 2, inFlight: 1, chargedMs: 1 });
    expect(scene.share("acme").oldest?.key).toBe("r1");
    scene.queue.take(someLimits(), 0);
    expect(scene.share("acme").oldest?.key).toBe("r3");
  });

  test("adds up to what was charged in all, corrections included", () => {
    const scene = aScene(createTestPolicies());
    scene.add("one", 3);
    scene.add("two", 3);
    const taken = scene.queue.take(someLimits({ most: 4 }), 0);
    for (const entry of taken) scene.queue.settle(entry, 2.5);
    scene.queue.take(someLimits({ most: 1 }), 0);
    expect(scene.queue.chargedMs()).toBeCloseTo(5 * 2.5);
    const sumMs = [...scene.queue.shares()].reduce((sum, { chargedMs }) => sum + chargedMs, 0);
    expect(sumMs).toBeCloseTo(scene.queue.chargedMs());
  });
});
