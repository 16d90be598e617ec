import { describe, expect, test } from "vitest";
import { describeRequestQueue } from "./contract.ts";
import { anEntry, keysOf, someLimits, type NamedEntry } from "./contract/entries.ts";
import { createFifoQueue } from "./fifo-queue.ts";

describeRequestQueue("createFifoQueue()", createFifoQueue, {
  laneOf: () => "",
  compare: (a, b) => a.arrival - b.arrival,
});

describe("createFifoQueue()", () => {
  test("takes from the lane whose head arrived first, whatever the tenant", () => {
    const queue = createFifoQueue<NamedEntry>();
    queue.add(anEntry({ arrival: 1, model: "b", tenant: "one" }));
    queue.add(anEntry({ arrival: 2, model: "a", tenant: "two" }));
    queue.add(anEntry({ arrival: 3, model: "b", tenant: "two" }));
    const limits = someLimits({ models: ["a", "b"] });
    expect(keysOf(queue.take(limits, 0))).toEqual(["r1", "r3"]);
    expect(keysOf(queue.take(limits, 0))).toEqual(["r2"]);
  });

  test("lists entries by arrival across lanes", () => {
    const queue = createFifoQueue<NamedEntry>();
    queue.add(anEntry({ arrival: 3, model: "a" }));
    queue.add(anEntry({ arrival: 1, model: "b" }));
    queue.add(anEntry({ arrival: 2, model: "a" }));
    expect(keysOf(queue.entries())).toEqual(["r1", "r2", "r3"]);
  });

  test("stays correct while thousands come, go and are removed", () => {
    const queue = createFifoQueue<NamedEntry>();
    const taken: string[] = [];
    let last = anEntry({ arrival: 0 });
    for (let arrival = 1; arrival <= 5000; arrival++) {
      if (arrival % 5 === 0) queue.remove(last);
      last = anEntry({ arrival, deadlineMs: 1_000_000 + arrival });
      queue.add(last);
      if (arrival % 10 === 0) taken.push(...keysOf(queue.take(someLimits({ most: 8 }), 0)));
    }
    taken.push(...keysOf(queue.take(someLimits(), 0)));
    const expected = Array.from({ length: 5000 }, (_, index) => index + 1).filter(
      (arrival) => arrival % 5 !== 4,
    );
    expect(taken).toEqual(expected.map((arrival) => `r${arrival}`));
    expect(queue.size).toBe(0);
  });
});
