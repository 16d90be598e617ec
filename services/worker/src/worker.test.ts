import type { SyntheticEngine } from "@sluice/engine";
import { createSyntheticEngine } from "@sluice/engine";
import { InferenceError } from "@sluice/protocol";
import { createFakeClock } from "@sluice/testing";
import { describe, expect, test } from "vitest";

import { aRowRequest, startWorkerFixture } from "./fixtures/worker-fixture.ts";

describe("createWorker()", () => {
  test("announces itself, its models and then asks for work", async () => {
    await using fixture = await startWorkerFixture();
    const { owner } = fixture;
    expect(owner.heartbeats.map(({ state }) => state)).toEqual(["starting", "running"]);
    expect(owner.profiles[0]?.models[0]).toMatchObject({ name: "echo", version: "1", maxBatchSize: 8 });
    expect(owner.credits.map(({ credit }) => credit)).toMatchObject([
      { worker: "w1", epoch: 0, models: ["echo"], freeInMs: 0, capacity: 8, done: [] },
    ]);
  });

  test("lists its batches in every heartbeat until they are reported", async () => {
    await using fixture = await startWorkerFixture({ alphaMs: 600 });
    const { owner, clock } = fixture;
    owner.grant([aRowRequest("r1")]);
    await clock.advance(500);
    expect(owner.heartbeats.at(-1)).toMatchObject({ state: "running", batchIds: ["b1"] });
    await clock.advance(500);
    expect(owner.heartbeats.at(-1)).toMatchObject({ batchIds: [] });
  });

  test("sends its profile again when the owner does not know its models", async () => {
    await using fixture = await startWorkerFixture();
    const { owner, clock } = fixture;
    owner.announce({ epoch: 1, models: [{ name: "echo", version: "1", workerCount: 1 }] });
    await clock.settle();
    const sent = owner.profiles.length;
    owner.announce({ epoch: 1, models: [{ name: "echo", version: "1", workerCount: 1 }] });
    await clock.settle();
    expect(owner.profiles.length).toBe(sent);
    owner.announce({ epoch: 1, models: [{ name: "echo", version: "1", workerCount: 0 }] });
    await clock.settle();
    expect(owner.profiles.length).toBe(sent + 1);
  });

  test("serves the models it could load and tells of the others", async () => {
    const failing = new InferenceError("notFound", "the model file does not exist");
    const clock = createFakeClock();
    await using fixture = await startWorkerFixture({
      models: [{ name: "broken" }, { name: "echo" }],
      loadEngine: async ({ name }) => {
        if (name === "broken") throw failing;
        return createSyntheticEngine({ clock, name });
      },
    });
    expect(await fixture.events.next("modelFailed")).toMatchObject({ model: "broken", error: failing });
    expect(fixture.owner.profiles[0]?.models.map(({ name }) => name)).toEqual(["echo"]);
  });

  test("fails when no model can be loaded", async () => {
    await using fixture = await startWorkerFixture({
      loadEngine: async () => {
        throw new InferenceError("notFound", "the model file does not exist");
      },
    });
    await expect(fixture.running).rejects.toMatchObject({ code: "unavailable" });
    expect(fixture.worker.state).toBe("failed");
  });

  test("fails, and leaves no timer behind, when its connection is closed under it", async () => {
    await using fixture = await startWorkerFixture();
    await fixture.messaging.close();
    await expect(fixture.running).rejects.toMatchObject({ code: "unavailable" });
    expect(fixture.worker.state).toBe("failed");
    expect(fixture.clock.pending).toBe(0);
  });

  test("loads a new engine in place of one that died, and lets the batch run again", async () => {
    const clock = createFakeClock();
    const engines: SyntheticEngine[] = [];
    await using fixture = await startWorkerFixture({
      loadEngine: async ({ name }) => {
        const engine = createSyntheticEngine({ clock, name });
        engines.push(engine);
        return engine;
      },
    });
    const { owner, events } = fixture;
    // A closed engine answers as one whose thread has ended.
    await engines[0]?.close();
    owner.grant([aRowRequest("r1")]);
    await fixture.clock.advance(30);
    expect(owner.reports().get("b1")).toMatchObject({ failed: [{ id: "r1" }] });
    expect(events.all.map(({ type }) => type)).toEqual(
      expect.arrayContaining(["engineLost", "engineReplaced"]),
    );
    expect(engines).toHaveLength(2);
    expect(owner.lastOffer().models).toEqual(["echo"]);
  });

  test("refuses to run twice", async () => {
    await using fixture = await startWorkerFixture();
    await expect(fixture.worker.run(new AbortController().signal)).rejects.toThrow("a worker runs once");
  });
});
