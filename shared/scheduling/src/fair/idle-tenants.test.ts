import { describe, expect, test } from "vitest";
import { anEntry, someLimits, type NamedEntry } from "../contract/entries.ts";
import { createFairQueue, type FairQueue } from "./fair-queue.ts";
import { createTestPolicies, createTestTenants } from "./pool.fixture.ts";
import { listShares } from "./tenant-share.ts";
import type { Tenants } from "./tenants.ts";

/** Opens tenants and lets them rest at once, each with a virtual time. */
function restMany(tenants: Tenants<NamedEntry>, names: readonly string[], v: number): void {
  for (const name of names) {
    const tenant = tenants.open(name);
    tenant.v = v;
    tenants.idle.rest(tenant);
  }
}

const crowd = Array.from({ length: 3000 }, (_, index) => `t${index}`);

describe("idle tenants", () => {
  test("are forgotten but for the last ones, where nothing is lost by it", () => {
    const tenants = createTestTenants(createTestPolicies());
    tenants.classes.root("normal").lastV = 5;
    restMany(tenants, crowd, 5);
    expect([...tenants.known()]).toHaveLength(1024);
    expect([...tenants.idle.debts()]).toEqual([]);
  });

  test("keep their debt when their record is dropped, until others received as much", () => {
    const tenants = createTestTenants(createTestPolicies());
    restMany(tenants, crowd, 5);
    expect([...tenants.known()]).toHaveLength(1024);
    expect([...tenants.idle.debts()]).toHaveLength(crowd.length - 1024);
    expect(tenants.open("t0").v).toBe(5);
    tenants.classes.root("normal").lastV = 6;
    restMany(
      tenants,
      crowd.map((name) => `other-${name}`),
      6,
    );
    expect([...tenants.idle.debts()]).toEqual([]);
  });

  test("keep what their guarantee gave them beyond their part", () => {
    const tenants = createTestTenants(createTestPolicies({ sure: { minShare: 0.5 } }));
    const sure = tenants.open("sure");
    if (sure.guarantee !== undefined) sure.guarantee.dueMs = 100;
    tenants.idle.rest(sure);
    restMany(tenants, crowd, 0);
    expect(tenants.find("sure")).toBeUndefined();
    expect(tenants.open("sure").guarantee?.dueMs).toBe(100);
  });

  test("are not those with a request in flight", () => {
    const queue = createFairQueue<NamedEntry>({ policies: createTestPolicies() });
    queue.add(anEntry({ arrival: 0, tenant: "slow" }));
    const [running] = queue.take(someLimits(), 0);
    useOnce(queue, crowd);
    if (running !== undefined) queue.settle(running, 10_000);
    expect([...queue.shares()].find(({ tenant }) => tenant === "slow")).toMatchObject({
      chargedMs: 10_000,
      inFlight: 0,
    });
  });

  test("leave nothing behind in a queue that many used", () => {
    const queue = createFairQueue<NamedEntry>({ policies: createTestPolicies() });
    useOnce(queue, crowd);
    expect(queue.size).toBe(0);
    expect([...queue.virtualTimes()].length).toBeLessThan(10);
  });

  test("are not listed once they have nothing but a debt", () => {
    const tenants = createTestTenants(createTestPolicies());
    restMany(tenants, crowd, 5);
    expect([...tenants.idle.debts()].length).toBeGreaterThan(1000);
    expect([...listShares(tenants)]).toHaveLength(1024);
  });
});

/** One request of each tenant, one after the other. */
function useOnce(queue: FairQueue<NamedEntry>, names: readonly string[]): void {
  names.forEach((tenant, index) => {
    queue.add(anEntry({ arrival: index + 1, tenant }));
    for (const entry of queue.take(someLimits(), 0)) queue.settle(entry, 1);
  });
}
