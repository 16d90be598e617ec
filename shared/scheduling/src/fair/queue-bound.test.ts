import { describe, expect, test } from "vitest";
import { createQueueBound } from "./queue-bound.ts";
import type { QueueLoad } from "./tenant-load.ts";

/** A tenant that is due half of the pool and whose requests cost 10 ms. */
function aLoad(fields: Partial<QueueLoad>): QueueLoad {
  return { waitingMs: 0, costPerItemMs: 10, fairShare: 0.5, ...fields };
}

describe("createQueueBound()", () => {
  test.each([
    { what: "up to the bound", waitingMs: 90, items: 1, excess: undefined },
    { what: "no further", waitingMs: 91, items: 1, excess: { queueMs: 101, retryAfterMs: 50 } },
    { what: "no further by a lot", waitingMs: 290, items: 1, excess: { queueMs: 300, retryAfterMs: 200 } },
    { what: "less where a request has items", waitingMs: 90, items: 3, excess: { queueMs: 120 } },
    { what: "a request without items, as one", waitingMs: 91, items: 0, excess: { queueMs: 101 } },
    { what: "whatever it costs where nothing waits", waitingMs: 0, items: 1000, excess: undefined },
  ])("lets wait $what", ({ waitingMs, items, excess }) => {
    const bound = createQueueBound({ load: aLoad({ waitingMs }), maxQueueMs: 100, workerCount: 2 });
    if (excess === undefined) expect(bound.excess(items)).toBeUndefined();
    else expect(bound.excess(items)).toMatchObject(excess);
  });

  test("is longer in work for a tenant with a larger share, and for more workers", () => {
    const load = aLoad({ waitingMs: 390, fairShare: 0.8 });
    expect(createQueueBound({ load, maxQueueMs: 100, workerCount: 4 }).excess(1)).toMatchObject({
      queueMs: 125,
    });
    expect(createQueueBound({ load, maxQueueMs: 100, workerCount: 5 }).excess(1)).toBeUndefined();
  });

  test("counts a pool whose workers are not known yet as one worker", () => {
    const bound = createQueueBound({ load: aLoad({ waitingMs: 45 }), maxQueueMs: 100, workerCount: 0 });
    expect(bound.excess(1)).toMatchObject({ queueMs: 110 });
  });

  test("counts what comes in one message together", () => {
    const bound = createQueueBound({ load: aLoad({}), maxQueueMs: 100, workerCount: 2 });
    let count = 0;
    while (bound.excess(2) === undefined) {
      bound.count(2);
      count += 1;
    }
    expect(count).toBe(5);
  });

  test("sends nobody away for longer than all that waits takes", () => {
    const load = aLoad({ waitingMs: 500, costPerItemMs: 10_000 });
    const bound = createQueueBound({ load, maxQueueMs: 100, workerCount: 2 });
    expect(bound.excess(1)).toEqual({ queueMs: 10_500, retryAfterMs: 500 });
  });
});
