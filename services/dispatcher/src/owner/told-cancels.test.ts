import type { Messaging } from "@sluice/messaging";
import { describe, expect, test } from "vitest";
import { createCluster, type Cluster } from "../testing/cluster.ts";
import type { StubCaller } from "../testing/stub-caller.ts";
import type { StubWorker } from "../testing/stub-worker.ts";

interface Scene extends AsyncDisposable {
  readonly cluster: Cluster;
  readonly worker: StubWorker;
  /** The worker's. */
  readonly messaging: Messaging;
  readonly caller: StubCaller;
}

/** A worker that runs `a` and `b` in one batch. */
async function createScene(): Promise<Scene> {
  const cluster = createCluster();
  await cluster.start("d1");
  const messaging = cluster.nats.connect();
  const worker = cluster.worker({ messaging });
  const caller = cluster.caller();
  await cluster.clock.advance(1000);
  caller.send({ id: "a" }, { id: "b" });
  worker.credit();
  await cluster.clock.advance(500);
  return { cluster, worker, messaging, caller, [Symbol.asyncDispose]: () => cluster[Symbol.asyncDispose]() };
}

function canceledBy({ controls }: StubWorker): string[] {
  return controls.flatMap(({ cancel }) => cancel);
}

describe("a cancellation of a running request", () => {
  test.each([
    ["for a moment", 1000],
    ["until it counted as lost", 4000],
  ])("reaches a worker that was cut off %s", async (_case, cutMs) => {
    await using scene = await createScene();
    const { cluster, worker, messaging, caller } = scene;
    cluster.nats.disconnect(messaging);
    caller.control({ cancel: ["a"] }, { reply: caller.reply });
    await cluster.clock.advance(cutMs);
    cluster.nats.reconnect(messaging);
    await cluster.clock.settle();
    expect(new Set(canceledBy(worker))).toEqual(new Set(["a"]));
    expect(worker.controls.map(({ reply }) => reply)).toContain(caller.reply);
  });

  test("is told again while its batch is listed, for half a minute, and never after", async () => {
    await using scene = await createScene();
    const { cluster, worker, caller } = scene;
    caller.control({ cancel: ["a"] }, { reply: caller.reply });
    await cluster.clock.advance(1000);
    const { length } = worker.controls;
    expect(length).toBeGreaterThan(1);
    await cluster.clock.advance(60_000);
    expect(worker.controls.length - length).toBeLessThanOrEqual(60);
    const last = worker.controls.length;
    caller.control({ cancel: ["b"] }, { reply: caller.reply });
    await cluster.clock.settle();
    worker.done(worker.batch.batchId);
    await cluster.clock.advance(2000);
    expect(worker.controls.slice(last).map(({ cancel }) => cancel)).toEqual([["b"]]);
  });
});
