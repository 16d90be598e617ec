import { describe, expect, test } from "vitest";
import { aFrame } from "@sluice/testing";
import { createTestResults } from "./test-results.fixture.ts";

describe("drain", () => {
  test("is ready between the start and the shutdown only", async () => {
    await using t = createTestResults();
    expect(t.results.state).toBe("starting");
    await t.start();
    expect(t.results.state).toBe("running");
    t.stop();
    await expect(t.events.next("stateChanged")).resolves.toMatchObject({ to: "draining" });
    await t.ended;
    expect(t.results.state).toBe("stopped");
  });

  test("passes on and acknowledges what had arrived", async () => {
    await using t = createTestResults();
    await t.start();
    const caller = t.caller("_INBOX.caller.1");
    const ack = t.send([aFrame()]);
    t.stop();
    await t.ended;
    await expect(ack).resolves.toMatchObject({ instance: "r1" });
    expect(caller.frames).toHaveLength(1);
  });

  test("takes nothing more from the queue group", async () => {
    await using t = createTestResults();
    await t.start();
    t.stop();
    await t.ended;
    await expect(t.send([aFrame()])).rejects.toMatchObject({ details: { reason: "noResponders" } });
  });

  test("keeps its own subject until its streams have ended", async () => {
    await using t = createTestResults();
    await t.start();
    const caller = t.caller("_INBOX.caller.1");
    await t.send([aFrame({ frame: 0, final: false })]);
    t.stop();
    await t.clock.settle();
    await expect(t.send([aFrame()])).rejects.toMatchObject({ details: { reason: "noResponders" } });
    await t.send([aFrame({ frame: 1 })], { instance: "r1" });
    await t.ended;
    expect(caller.frames.map(({ frame }) => frame)).toEqual([0, 1]);
    expect(t.clock.pending).toBe(0);
  });

  test("does not wait for a stream that was silent before: its worker is gone, or its next frame may go anywhere", async () => {
    await using t = createTestResults();
    await t.start();
    await t.send([aFrame({ frame: 0, final: false })]);
    await t.clock.advance(1000);
    t.stop();
    await t.clock.settle();
    expect(t.results.state).toBe("stopped");
  });

  test("waits for a stream until it is silent for a second", async () => {
    await using t = createTestResults({ graceMs: 15_000 });
    await t.start();
    const caller = t.caller("_INBOX.caller.1");
    await t.send([aFrame({ frame: 0, final: false })]);
    t.stop();
    await t.clock.advance(900);
    await t.send([aFrame({ frame: 1, final: false })], { instance: "r1" });
    await t.clock.advance(900);
    expect(t.results.state).toBe("draining");
    await t.clock.advance(1100);
    await t.ended;
    expect(caller.frames.map(({ frame }) => frame)).toEqual([0, 1]);
    expect(t.clock.pending).toBe(0);
  });

  test("leaves streams that go on to other instances after the grace", async () => {
    await using t = createTestResults({ graceMs: 500 });
    await t.start();
    await t.send([aFrame({ frame: 0, final: false })]);
    t.stop();
    await t.clock.advance(499);
    expect(t.results.state).toBe("draining");
    await t.clock.advance(1);
    await t.ended;
    const next = t.send([aFrame({ frame: 1, final: false })], { instance: "r1" });
    await expect(next).rejects.toMatchObject({ details: { reason: "noResponders" } });
  });

  test("ends while NATS is away: what was to be passed on is lost with the connection", async () => {
    await using t = createTestResults();
    await t.start();
    t.nats.disconnect(t.messaging);
    t.stop();
    await t.clock.advance(2000);
    await t.ended;
    expect(t.results.state).toBe("stopped");
  });

  test("rejects a second run", async () => {
    await using t = createTestResults();
    await t.start();
    await expect(t.results.run(new AbortController().signal)).rejects.toThrow("twice");
    expect(t.results.state).toBe("running");
  });

  test("fails when the connection is closed for good", async () => {
    await using t = createTestResults();
    await t.start();
    const failed = expect(t.ended).rejects.toThrow("closed");
    await t.messaging.close();
    await failed;
    expect(t.results.state).toBe("failed");
  });
});
