import { rendezvousWinner } from "@sluice/scheduling";
import { describe, expect, test } from "vitest";
import { createCluster, type Cluster, type RunningDispatcher } from "../testing/cluster.ts";
import type { StubCaller } from "../testing/stub-caller.ts";
import { idsOf, type StubWorker } from "../testing/stub-worker.ts";

/** With two attempts, one failure leaves a request its last one. */
const settings = { maxAttempts: 2 };

/** The one of two dispatchers that pool `gpu` falls to while both live, and the other. */
const winner = rendezvousWinner("gpu", ["d1", "d2"]) ?? "";
const first = winner === "d1" ? "d2" : "d1";

interface Scene extends AsyncDisposable {
  readonly cluster: Cluster;
  readonly old: RunningDispatcher;
  readonly worker: StubWorker;
  readonly caller: StubCaller;
}

/** A pool whose owner is alone, with `p` that failed once and waits for its last attempt. */
async function createScene(): Promise<Scene> {
  const cluster = createCluster();
  const old = await cluster.start(first, { settings });
  const worker = cluster.worker();
  const caller = cluster.caller();
  await cluster.clock.advance(1000);
  caller.send({ id: "p" });
  worker.credit();
  await cluster.clock.settle();
  worker.done(worker.batch.batchId, { failed: ["p"] });
  await cluster.clock.settle();
  return { cluster, old, worker, caller, [Symbol.asyncDispose]: () => cluster[Symbol.asyncDispose]() };
}

async function startOwner(cluster: Cluster, name: string): Promise<void> {
  const owner = await cluster.start(name, { settings });
  while (owner.events.count("poolOwned") === 0) await cluster.clock.advance(50);
}

/** What a worker was given, a word for each batch. */
function givenTo(worker: StubWorker): string {
  return worker.batches.map((batch) => idsOf(batch).join("")).join(" ");
}

describe("owner - a request on its last attempt, under another owner", () => {
  test("that waits runs alone after a hand-over", async () => {
    await using scene = await createScene();
    const { cluster, worker, caller } = scene;
    caller.send({ id: "a" });
    await startOwner(cluster, winner);
    for (let slot = 0; slot < 2; slot++) worker.credit({ epoch: 2, openRuns: [] });
    await cluster.clock.settle();
    expect(givenTo(worker)).toBe("p p");
    expect(worker.batch).toMatchObject({ epoch: 2, requests: [{ attempt: 1 }] });
  });

  test("that runs keeps its worker for itself after a hand-over", async () => {
    await using scene = await createScene();
    const { cluster, worker, caller } = scene;
    worker.credit();
    await cluster.clock.settle();
    const { batchId } = worker.batch;
    await startOwner(cluster, winner);
    caller.send({ id: "a" });
    worker.credit({ epoch: 2, openRuns: [] });
    await cluster.clock.settle();
    expect(givenTo(worker)).toBe("p p");
    worker.done(batchId);
    await cluster.clock.settle();
    expect(givenTo(worker)).toBe("p p a");
  });

  test.each([
    { rule: "one that a worker lists keeps it for itself", attempt: 1, given: "p" },
    { rule: "one on an earlier attempt shares it", attempt: 0, given: "p a" },
  ])("after a takeover, $rule", async ({ attempt, given }) => {
    await using scene = await createScene();
    const { cluster, old, worker, caller } = scene;
    await old.kill();
    await startOwner(cluster, winner);
    const run = {
      batchId: "x",
      model: "echo",
      id: "p",
      tenant: "acme",
      reply: caller.reply,
      epoch: 1,
      attempt,
    };
    worker.listed.add("x");
    worker.credit({ epoch: 2, openRuns: [run] });
    caller.send({ id: "p" }, { id: "a" });
    await cluster.clock.advance(500);
    expect(givenTo(worker)).toBe(given);
  });
});
