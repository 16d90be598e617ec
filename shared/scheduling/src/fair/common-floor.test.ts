import { describe, expect, test } from "vitest";
import { keepSmall } from "./common-floor.ts";
import { createTestPolicies, createTestTenants } from "./pool.fixture.ts";
import type { Home } from "./tenants.ts";
import { laneOf } from "./tree.ts";

const largeV = 2 ** 40;

function normal(group: string): Home {
  return { class: "normal", group };
}

/** Two tenants in one group, another group and a debt, all large, and the lanes of the first tenant. */
function createLargeTree() {
  const policies = createTestPolicies({ one: { group: "g" }, two: { group: "g" } });
  const tenants = createTestTenants(policies);
  const one = tenants.open("one");
  const two = tenants.open("two");
  const [group, otherGroup] = [tenants.branch(normal("g")), tenants.branch(normal("h"))];
  const root = tenants.branch(normal(""));
  const model = { waiting: 0, costPerItemMs: 0 };
  const [lane, otherLane] = [laneOf(one, { model }), laneOf(one, { model })];
  return { tenants, root, one, two, group, otherGroup, lane, otherLane };
}

describe("keepSmall()", () => {
  test("lowers large virtual times of siblings alike, without rounding them", () => {
    const { tenants, root, one, two, group, otherGroup, lane, otherLane } = createLargeTree();
    [one.v, two.v, group.lastV] = [largeV + 7.25, largeV + 3, largeV + 1];
    [group.v, otherGroup.v, root.lastV] = [largeV + 70, largeV + 30.5, largeV + 10];
    [lane.v, otherLane.v, one.lastV] = [largeV + 700, largeV + 300, largeV + 300.125];
    keepSmall(tenants, lane);
    expect([one.v, two.v, group.lastV]).toEqual([7.25, 3, 1]);
    expect([group.v, otherGroup.v, root.lastV]).toEqual([70, 30.5, 10]);
    expect([lane.v, otherLane.v, one.lastV]).toEqual([700, 300, 300.125]);
  });

  test("leaves a lead alone, however large", () => {
    const { tenants, one, two, group, lane } = createLargeTree();
    [one.v, two.v, group.v, lane.v] = [4 * largeV, 5, 4 * largeV, 4 * largeV];
    keepSmall(tenants, lane);
    expect([one.v, two.v, group.v, lane.v]).toEqual([4 * largeV, 5, 4 * largeV, 4 * largeV]);
  });
});
