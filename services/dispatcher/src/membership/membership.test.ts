import { describe, expect, test } from "vitest";
import { createScene } from "../testing/scene.ts";

describe("createMembership()", () => {
  test("says once that heartbeats fail, however long JetStream is away, and once that it is back", async () => {
    await using scene = await createScene();
    const { clock, nats } = scene.cluster;
    const { events } = scene.dispatcher;
    for (const count of [1, 2]) {
      nats.setJetStreamAvailable(false);
      await clock.advance(10_000);
      expect(events.count("heartbeatFailed")).toBe(count);
      nats.setJetStreamAvailable(true);
      await clock.advance(1000);
      expect(events.count("heartbeatsResumed")).toBe(count);
    }
    expect(events.count("leaseLapsed")).toBe(0);
  });

  test("says once that its lease has lapsed while it is cut off", async () => {
    await using scene = await createScene();
    const { clock, nats } = scene.cluster;
    const { events, messaging } = scene.dispatcher;
    nats.disconnect(messaging);
    await clock.advance(10_000);
    expect(events.count("leaseLapsed")).toBe(1);
    nats.reconnect(messaging);
    await clock.advance(3000);
    expect(events.count("leaseRegained")).toBe(1);
  });
});
