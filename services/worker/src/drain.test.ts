import { createSyntheticEngine } from "@sluice/engine";
import { createFakeClock, createGate } from "@sluice/testing";
import { describe, expect, test } from "vitest";

import { aRowRequest, startWorkerFixture } from "./fixtures/worker-fixture.ts";

describe("drain", () => {
  test("drain - takes back its credits and says that it is draining", async () => {
    await using fixture = await startWorkerFixture();
    const { owner, clock } = fixture;
    const { creditId } = owner.lastOffer();
    fixture.stop();
    await clock.settle();
    expect(owner.credits.at(-1)?.credit).toMatchObject({ creditId, models: [], capacity: 0 });
    expect(owner.heartbeats.at(-1)).toMatchObject({ state: "draining" });
  });

  test("drain - refuses a batch that was already on its way", async () => {
    await using fixture = await startWorkerFixture({ alphaMs: 100 });
    const { owner, clock } = fixture;
    owner.grant([aRowRequest("r1")]);
    await clock.settle();
    fixture.stop();
    await clock.settle();
    owner.grant([aRowRequest("r2")], { batchId: "late" });
    await clock.settle();
    expect(owner.refusals).toEqual([{ batchId: "late", reason: "the worker is draining" }]);
  });

  test("drain - returns a batch that was received but not started, before the running one ends", async () => {
    await using fixture = await startWorkerFixture({
      models: [{ name: "echo" }, { name: "other" }],
      environment: { SLUICE_SLOTS: "1" },
    });
    const { owner, results, clock, engines } = fixture;
    owner.grant([aRowRequest("warm-up")]);
    await clock.advance(10);
    owner.grant([aRowRequest("r1")], { batchId: "running" });
    engines[0]?.control.hold();
    await clock.advance(9.5);
    const waiting = aRowRequest("r2");
    owner.grant([waiting], { batchId: "waiting", model: "other" });
    await clock.settle();
    fixture.stop();
    await clock.advance(25);
    expect(owner.reports().get("waiting")).toMatchObject({
      batchId: "waiting",
      costMs: 0,
      returned: [{ id: "r2", reply: waiting.reply }],
      failed: [],
    });
    expect(owner.reports().has("running")).toBe(false);
    expect(results.frames.map(({ id }) => id)).toEqual(["warm-up"]);
  });

  test("drain - finishes what runs, delivers it and reports it", async () => {
    await using fixture = await startWorkerFixture({ alphaMs: 100 });
    const { owner, results, clock, running } = fixture;
    owner.grant([aRowRequest("r1")]);
    await clock.settle();
    fixture.stop();
    await clock.advance(150);
    await running;
    expect(results.frames).toMatchObject([{ id: "r1", code: "ok" }]);
    expect(owner.reports().get("b1")).toMatchObject({ costMs: 100, returned: [], failed: [] });
    expect(fixture.worker.state).toBe("stopped");
  });

  test("drain - waits for the acknowledgement of the last results", async () => {
    await using fixture = await startWorkerFixture();
    const { owner, results, clock, worker } = fixture;
    results.isSilent = true;
    owner.grant([aRowRequest("r1")]);
    await clock.settle();
    fixture.stop();
    await clock.advance(300);
    expect(worker.state).toBe("draining");
    results.isSilent = false;
    await clock.advance(250);
    expect(worker.state).toBe("stopped");
    expect(owner.reports().get("b1")).toMatchObject({ returned: [] });
  });

  test("drain - returns the runs that have not started when the grace period is over", async () => {
    await using fixture = await startWorkerFixture({
      alphaMs: 100,
      environment: { SLUICE_GRACE_MS: "50" },
    });
    const { owner, results, clock, running } = fixture;
    const wide = { inputs: [{ name: "input", datatype: "FP32" as const, shape: [1, 1] }] };
    owner.grant([aRowRequest("r1"), aRowRequest("r2", { ...wide, body: [new Uint8Array(4)] })]);
    await clock.settle();
    fixture.stop();
    await clock.advance(150);
    await running;
    expect(results.frames).toMatchObject([{ id: "r1", code: "ok" }]);
    expect(owner.reports().get("b1")).toMatchObject({ returned: [{ id: "r2" }] });
  });

  test("drain - closes its engines only after their run", async () => {
    await using fixture = await startWorkerFixture({ environment: { SLUICE_GRACE_MS: "50" } });
    const { owner, clock, engines, worker, running } = fixture;
    engines[0]?.control.hold();
    owner.grant([aRowRequest("r1")]);
    await clock.settle();
    fixture.stop();
    await clock.advance(1000);
    expect(worker.state).toBe("draining");
    engines[0]?.control.release();
    await clock.advance(50);
    await running;
    await expect(engines[0]?.run([])).rejects.toMatchObject({ code: "unavailable" });
  });

  test("drain - ends a worker that is still loading after the model it loads", async () => {
    const gate = createGate();
    const clock = createFakeClock();
    await using fixture = await startWorkerFixture({
      models: [{ name: "first" }, { name: "second" }],
      loadEngine: async ({ name }) => {
        await gate.pass();
        return createSyntheticEngine({ clock, name });
      },
    });
    fixture.stop();
    gate.open();
    await fixture.running;
    expect(fixture.events.all.filter(({ type }) => type === "modelLoaded")).toMatchObject([
      { model: "first" },
    ]);
    expect(fixture.owner.credits).toEqual([]);
    expect(fixture.worker.state).toBe("stopped");
  });

  test("drain - ends while NATS is away", async () => {
    await using fixture = await startWorkerFixture();
    const { clock, running, worker } = fixture;
    fixture.disconnect();
    fixture.stop();
    await clock.advance(30_000);
    await running;
    expect(worker.state).toBe("stopped");
  });

  test("drain - leaves no timer and no message behind", async () => {
    await using fixture = await startWorkerFixture();
    const { owner, clock, running } = fixture;
    owner.grant([aRowRequest("r1")]);
    await clock.advance(5);
    fixture.stop();
    await clock.advance(20);
    await running;
    expect(clock.pending).toBe(0);
    const sent = owner.credits.length + owner.heartbeats.length;
    await clock.advance(10_000);
    expect(owner.credits.length + owner.heartbeats.length).toBe(sent);
  });
});
