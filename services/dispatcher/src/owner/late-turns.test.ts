import { describe, expect, test } from "vitest";
import { createScene, type Scene } from "../testing/scene.ts";

/** Milliseconds between two batches of the worker, and items in each: 80 a second. */
const stepMs = 100;
const batchItems = 8;

function send(scene: Scene, name: string, count: number): void {
  const requests = Array.from({ length: count }, (_, index) => ({
    id: `${name}-${index}`,
    timeoutMs: 10_000,
  }));
  scene.caller.send(...requests);
}

/** Has the worker take eight requests every 100 ms, of 200 that wait, while one more comes each time. */
async function createBusyScene(): Promise<Scene> {
  const settings = { maxQueueRequests: 10_000, maxQueueBytes: 100_000_000 };
  const scene = await createScene({ settings });
  const { cluster, worker } = scene;
  send(scene, "first", 200);
  for (let step = 0; step < 10; step++) {
    worker.credit({ capacity: batchItems });
    send(scene, `more${step}`, 1);
    await cluster.clock.advance(stepMs);
    worker.done(worker.batch.batchId, { costMs: stepMs });
  }
  return scene;
}

describe("owner - turns that come too late", () => {
  test("refuses at once what would wait longer than its timeout, saying when to come back", async () => {
    await using scene = await createBusyScene();
    const { cluster, caller, dispatcher } = scene;
    send(scene, "flood", 1500);
    await cluster.clock.settle();
    const [first] = caller.frames;
    expect(first).toMatchObject({
      code: "deadlineExceeded",
      message: expect.stringMatching(/would wait about \d+ ms .*"acme".*"echo" and has 10000 ms left/),
      details: { limit: "timeoutMs", value: 10_000 },
    });
    // At 80 a second, and a quarter more, 1000 go before it; it would be in time with 800.
    const admittedCount = 1500 - caller.frames.length;
    expect(admittedCount).toBeGreaterThan(850);
    expect(admittedCount).toBeLessThan(950);
    expect(first?.retryAfterMs).toBeGreaterThan(2000);
    expect(first?.retryAfterMs).toBeLessThan(3500);
    expect(dispatcher.events.all.findLast(({ type }) => type === "requestsRefused")).toMatchObject({
      code: "deadlineExceeded",
      limit: "timeoutMs",
    });
  });

  test("lets in what goes before what waits", async () => {
    await using scene = await createBusyScene();
    const { cluster, caller } = scene;
    send(scene, "flood", 1500);
    await cluster.clock.settle();
    caller.send({ id: "soon", timeoutMs: 500 }, { id: "first", timeoutMs: 10_000, priority: 1 });
    await cluster.clock.settle();
    expect(caller.codeOf("soon")).toBeUndefined();
    expect(caller.codeOf("first")).toBeUndefined();
  });

  test("refuses nothing of another tenant, whose lane is short", async () => {
    await using scene = await createBusyScene();
    const { cluster } = scene;
    send(scene, "flood", 1500);
    const other = cluster.caller({ tenant: "other" });
    other.send({ id: "a", timeoutMs: 200 });
    await cluster.clock.settle();
    expect(other.frames).toEqual([]);
  });
});
