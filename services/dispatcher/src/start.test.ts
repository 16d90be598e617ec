import { expect, test } from "vitest";
import { createCluster } from "./testing/cluster.ts";

test("a dispatcher that starts without JetStream waits for it, says so once, and then runs", async () => {
  await using cluster = createCluster();
  cluster.nats.setJetStreamAvailable(false);
  const { dispatcher, events } = await cluster.start("d1");
  await cluster.clock.advance(3000);
  expect(dispatcher.state).toBe("starting");
  expect(events.count("bucketsNotOpened")).toBe(1);
  cluster.nats.setJetStreamAvailable(true);
  await cluster.clock.advance(1000);
  expect(dispatcher.state).toBe("running");
});
