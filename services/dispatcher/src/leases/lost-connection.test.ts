import { describe, expect, test } from "vitest";
import type { DispatcherEvent } from "../event.ts";
import type { RunningDispatcher } from "../testing/cluster.ts";
import { createHandOverScene, winner } from "../testing/handover-scene.ts";
import { createScene } from "../testing/scene.ts";
import { idsOf } from "../testing/stub-worker.ts";

describe("an owner whose connection was lost", () => {
  test("takes its pool anew, so that callers send again what was on its way to it", async () => {
    await using scene = await createScene();
    const { cluster, worker, caller, dispatcher } = scene;
    caller.send({ id: "a" });
    cluster.nats.disconnect(dispatcher.messaging);
    await cluster.clock.advance(300);
    cluster.nats.reconnect(dispatcher.messaging);
    await cluster.clock.advance(1000);
    expect(caller.undeliveredCount).toBe(0);
    expect(await cluster.record()).toEqual({ owner: "d1", epoch: 2, state: "taken" });
    expect(worker.events.at(-1)).toMatchObject({ epoch: 2, state: "taken" });
    caller.send({ id: "a" });
    worker.credit({ epoch: 2, openRuns: [] });
    await cluster.clock.settle();
    expect(worker.batches.map(idsOf)).toEqual([["a"]]);
  });

  test("keeps what waits and what runs", async () => {
    await using scene = await createScene();
    const { cluster, worker, caller, dispatcher } = scene;
    caller.send({ id: "running" });
    worker.credit();
    await cluster.clock.settle();
    caller.send({ id: "waiting" });
    await cluster.clock.settle();
    cluster.nats.disconnect(dispatcher.messaging);
    await cluster.clock.advance(300);
    cluster.nats.reconnect(dispatcher.messaging);
    await cluster.clock.advance(1000);
    caller.send({ id: "running" }, { id: "waiting" });
    worker.credit({ epoch: 2 });
    await cluster.clock.settle();
    expect(worker.batches.map(idsOf)).toEqual([["running"], ["waiting"]]);
    expect(dispatcher.events.count("duplicateDropped")).toBe(2);
    expect(caller.frames).toEqual([]);
  });

  test("takes it anew once for each loss, when JetStream is there", async () => {
    await using scene = await createScene();
    const { cluster, dispatcher } = scene;
    cluster.nats.setJetStreamAvailable(false);
    cluster.nats.disconnect(dispatcher.messaging);
    await cluster.clock.advance(300);
    cluster.nats.reconnect(dispatcher.messaging);
    await cluster.clock.advance(5000);
    cluster.nats.setJetStreamAvailable(true);
    await cluster.clock.advance(10_000);
    expect(await cluster.record()).toEqual({ owner: "d1", epoch: 2, state: "taken" });
    expect(dispatcher.events.count("poolLost")).toBe(0);
  });
});

/** As what a dispatcher has owned the pool, in order. */
function ownedBy({ events }: RunningDispatcher): readonly DispatcherEvent[] {
  return events.all.filter(({ type }) => type === "poolOwned");
}

const handedOverThenTaken = [
  { epoch: 2, state: "handedOver" },
  { epoch: 3, state: "taken" },
];

describe("an old owner whose connection was lost while it handed its pool over", () => {
  test("has the successor take it anew, since the connection that is gone may still get a part", async () => {
    await using scene = await createHandOverScene();
    const { cluster, old } = scene;
    const successor = await scene.startSuccessor({
      onEvent: (event) => {
        if (event.type !== "handoverPrepared") return;
        cluster.nats.disconnect(old.messaging);
        cluster.nats.reconnect(old.messaging);
      },
    });
    await cluster.clock.advance(5000);
    expect(ownedBy(successor)).toMatchObject(handedOverThenTaken);
    expect(await cluster.record()).toEqual({ owner: winner, epoch: 3, state: "taken" });
  });
});

describe("a successor whose connection was lost", () => {
  test("takes the pool anew that was handed over to it meanwhile", async () => {
    await using scene = await createHandOverScene();
    const { cluster } = scene;
    const successor = await scene.startSuccessor({
      onEvent: (event, messaging) => {
        if (event.type !== "handoverPrepared") return;
        cluster.nats.disconnect(messaging);
        cluster.nats.reconnect(messaging);
      },
    });
    await cluster.clock.advance(2000);
    expect(ownedBy(successor)).toMatchObject(handedOverThenTaken);
    expect(await cluster.record()).toEqual({ owner: winner, epoch: 3, state: "taken" });
  });

  test("has the old owner take its pool anew when the hand-over is given up, since its old connection may still get a part", async () => {
    await using scene = await createHandOverScene();
    const { cluster } = scene;
    let hasFailed = false;
    const successor = await scene.startSuccessor({
      onEvent: (event, messaging) => {
        if (event.type !== "handoverPrepared" || hasFailed) return;
        hasFailed = true;
        // It has answered by then, and gets none of the next steps.
        cluster.clock.afterRead(() => {
          cluster.nats.disconnect(messaging);
          cluster.clock.schedule(300, () => cluster.nats.reconnect(messaging));
        });
      },
    });
    await cluster.clock.advance(10_000);
    expect(ownedBy(scene.old)).toMatchObject([
      { epoch: 1, state: "owned" },
      { epoch: 2, state: "taken" },
    ]);
    expect(ownedBy(successor)).toMatchObject([{ epoch: 3, state: "handedOver" }]);
  });

  test("does not take a pool anew that is handed over to it later", async () => {
    await using scene = await createHandOverScene();
    const { cluster } = scene;
    let hasFailed = false;
    await scene.startSuccessor({
      onEvent: (event, messaging) => {
        if (event.type !== "handoverPrepared" || hasFailed) return;
        hasFailed = true;
        cluster.nats.disconnect(messaging);
        cluster.clock.schedule(1500, () => cluster.nats.reconnect(messaging));
      },
    });
    await cluster.clock.advance(10_000);
    expect(scene.old.events.count("handoverAbandoned")).toBeGreaterThan(0);
    expect(await cluster.record()).toMatchObject({ owner: winner, state: "handedOver" });
  });
});
