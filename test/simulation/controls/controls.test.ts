import type { BatchLimits } from "@sluice/scheduling";
import { describeRequestQueue } from "@sluice/scheduling/contract";
import { describe, expect, test } from "vitest";
import { aRequest } from "../request.fixture.ts";
import type { SimulatedRequest } from "../request.ts";
import { createFifoQueue } from "./fifo-queue.ts";
import { createQueuePerKey } from "./queue-per-key.ts";
import { createStrictPriority } from "./strict-priority.ts";

const byArrival = { laneOf: () => "", compare: (a: Arrived, b: Arrived) => a.arrival - b.arrival };
interface Arrived {
  readonly arrival: number;
}

const fourOfM: BatchLimits = { models: ["m"], maxItems: () => 4, maxBytes: Infinity, alone: false };

describeRequestQueue("createFifoQueue()", createFifoQueue, byArrival);

describeRequestQueue(
  "createQueuePerKey()",
  () => createQueuePerKey({ keyOf: ({ model }) => model, createQueue: createFifoQueue }),
  byArrival,
);

describeRequestQueue(
  "createStrictPriority()",
  () => createStrictPriority(({ model }) => model === "a"),
  byArrival,
);

describe("createFifoQueue()", () => {
  test("takes from the lane whose head arrived first, whatever the tenant", () => {
    const queue = createFifoQueue<SimulatedRequest>();
    queue.add(aRequest({ arrival: 1, model: "b", tenant: "one" }));
    queue.add(aRequest({ arrival: 2, model: "a", tenant: "two" }));
    queue.add(aRequest({ arrival: 3, model: "b", tenant: "two" }));
    const limits = { ...fourOfM, models: ["a", "b"] };
    expect(queue.take(limits, 0).map(({ arrival }) => arrival)).toEqual([1, 3]);
    expect(queue.take(limits, 0).map(({ arrival }) => arrival)).toEqual([2]);
  });
});

describe("createQueuePerKey()", () => {
  test("takes from its queues in turn and passes over those with nothing to run", () => {
    const queue = createQueuePerKey({
      keyOf: ({ tenant }) => tenant,
      createQueue: createFifoQueue<SimulatedRequest>,
    });
    ["a", "a", "a", "b", "c"].forEach((tenant, arrival) => queue.add(aRequest({ tenant, arrival })));
    const one = { ...fourOfM, maxItems: () => 1 };
    const taken = Array.from({ length: 6 }, () => queue.take(one, 0).map(({ tenant }) => tenant));
    expect(taken.flat()).toEqual(["a", "b", "c", "a", "a"]);
  });
});

describe("createStrictPriority()", () => {
  test("takes what is preferred first and fills the rest of the batch with others", () => {
    const queue = createStrictPriority<SimulatedRequest>(({ tenant }) => tenant === "b");
    ["a", "a", "a", "b", "b"].forEach((tenant, arrival) => queue.add(aRequest({ tenant, arrival })));
    expect(queue.take(fourOfM, 0).map(({ arrival }) => arrival)).toEqual([3, 4, 0, 1]);
    expect(queue.take(fourOfM, 0).map(({ arrival }) => arrival)).toEqual([2]);
  });
});
