import { rendezvousWinner } from "@sluice/scheduling";
import { describe, expect, test } from "vitest";
import { createCluster, type Cluster, type RunningDispatcher, type StartFields } from "../testing/cluster.ts";
import type { StubCaller } from "../testing/stub-caller.ts";
import { idsOf, type StubWorker } from "../testing/stub-worker.ts";

/** The one of two dispatchers that pool `gpu` falls to while both live, and the other. */
const winner = rendezvousWinner("gpu", ["d1", "d2"]) ?? "";
const first = winner === "d1" ? "d2" : "d1";

const frameLimits = [80, 96, 112, 128];

interface Scene extends AsyncDisposable {
  readonly cluster: Cluster;
  readonly owner: RunningDispatcher;
  readonly worker: StubWorker;
  readonly caller: StubCaller;
  readonly batchId: string;
}

/** A pool whose owner is alone, and a batch of the requests `stream` and `wrong` that its worker runs. */
async function createScene(): Promise<Scene> {
  const cluster = createCluster();
  const owner = await cluster.start(first);
  const worker = cluster.worker();
  const caller = cluster.caller();
  await cluster.clock.advance(1000);
  caller.send({ id: "stream" }, { id: "wrong" });
  worker.credit();
  await cluster.clock.settle();
  return {
    cluster,
    owner,
    worker,
    caller,
    batchId: worker.batch.batchId,
    [Symbol.asyncDispose]: () => cluster[Symbol.asyncDispose](),
  };
}

/** Several messages, since owner and successor are given them in turn. */
function steer(caller: StubCaller): void {
  for (const frameLimit of frameLimits) caller.control({ windows: [{ id: "stream", frameLimit }] });
  for (let count = 0; count < 2; count++) caller.control({ cancel: ["wrong"] });
}

function windowsOf({ controls }: StubWorker): number[] {
  return controls.flatMap(({ windows }) => windows.map(({ frameLimit }) => frameLimit)).sort((a, b) => a - b);
}

function canceledBy({ controls }: StubWorker): Set<string> {
  return new Set(controls.flatMap(({ cancel }) => cancel));
}

describe("what callers say of running requests", () => {
  test("reaches their worker while their pool is handed over, whoever of both owners hears it", async () => {
    await using scene = await createScene();
    const { cluster, worker, caller } = scene;
    const fields: StartFields = {
      onEvent: ({ type }) => {
        if (type === "handoverPrepared") steer(caller);
      },
    };
    const successor = await cluster.start(winner, fields);
    await cluster.clock.advance(4000);
    expect(successor.events.count("poolOwned")).toBe(1);
    expect(windowsOf(worker)).toEqual(frameLimits);
    expect(canceledBy(worker)).toEqual(new Set(["wrong"]));
  });

  test("reaches their worker when the hand-over is given up", async () => {
    await using scene = await createScene();
    const { cluster, worker, caller } = scene;
    const fields: StartFields = {
      onEvent: ({ type }) => {
        if (type !== "handoverPrepared" || worker.controls.length > 0) return;
        cluster.nats.setJetStreamAvailable(false);
        steer(caller);
      },
    };
    const successor = await cluster.start(winner, fields);
    await cluster.clock.advance(4000);
    expect(successor.events.count("handoverPrepared")).toBeGreaterThan(0);
    expect(successor.events.count("poolOwned")).toBe(0);
    cluster.nats.setJetStreamAvailable(true);
    await cluster.clock.advance(4000);
    expect(new Set(windowsOf(worker))).toEqual(new Set(frameLimits));
    expect(canceledBy(worker)).toEqual(new Set(["wrong"]));
  });

  test.each([
    ["at once", 0],
    ["late, since it stood still", 3000],
  ])("reaches their worker after a takeover although it lists them only later: %s", async (_case, lateMs) => {
    await using scene = await createScene();
    const { cluster, owner, worker, caller, batchId } = scene;
    const taker = await cluster.start(winner);
    await owner.kill();
    while (taker.events.count("poolOwned") === 0) await cluster.clock.advance(50);
    steer(caller);
    await cluster.clock.advance(lateMs);
    expect(worker.controls).toEqual([]);
    const run = { tenant: "acme", reply: caller.reply, model: "echo", batchId, epoch: 1, attempt: 0 };
    const openRuns = ["stream", "wrong"].map((id) => ({ ...run, id }));
    worker.credit({ epoch: 2, openRuns });
    await cluster.clock.advance(500);
    expect(windowsOf(worker)).toEqual(frameLimits);
    expect(canceledBy(worker)).toEqual(new Set(["wrong"]));
  });

  test("cancels no request that has the id of one that was gone", async () => {
    await using scene = await createScene();
    const { cluster, owner, worker, caller } = scene;
    const taker = await cluster.start(winner);
    await owner.kill();
    while (taker.events.count("poolOwned") === 0) await cluster.clock.advance(50);
    caller.control({ cancel: ["gone"] });
    await cluster.clock.settle();
    caller.send({ id: "gone" });
    worker.credit({ epoch: 2, openRuns: [] });
    await cluster.clock.advance(1000);
    expect(idsOf(worker.batch)).toEqual(["gone"]);
    expect(worker.controls).toEqual([]);
    expect(caller.frames).toEqual([]);
  });

  test("is kept for a bounded number of requests", async () => {
    await using scene = await createScene();
    const { cluster, owner, worker, caller, batchId } = scene;
    const taker = await cluster.start(winner);
    await owner.kill();
    while (taker.events.count("poolOwned") === 0) await cluster.clock.advance(50);
    caller.control({ cancel: Array.from({ length: 65_536 }, (_, number) => `gone-${number}`) });
    steer(caller);
    await cluster.clock.settle();
    const run = { tenant: "acme", reply: caller.reply, model: "echo", batchId, epoch: 1, attempt: 0 };
    worker.credit({ epoch: 2, openRuns: [{ ...run, id: "stream" }] });
    await cluster.clock.advance(1000);
    expect(worker.controls).toEqual([]);
  });
});
