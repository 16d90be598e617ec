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

test("a dispatcher for which JetStream goes away while it starts goes on once it is back", async () => {
  await using cluster = createCluster();
  const { dispatcher, events } = await cluster.start("d1", {
    onEvent: ({ type }) => {
      if (type === "tenantRecordsRead") cluster.nats.setJetStreamAvailable(false);
    },
  });
  await cluster.clock.advance(3000);
  expect(dispatcher.state).toBe("starting");
  cluster.nats.setJetStreamAvailable(true);
  cluster.worker();
  await cluster.clock.advance(2000);
  expect(dispatcher.state).toBe("running");
  expect(events.count("poolOwned")).toBe(1);
});

test("a dispatcher that is ended while it waits for JetStream ends", async () => {
  await using cluster = createCluster();
  const { dispatcher, stop } = await cluster.start("d1", {
    onEvent: ({ type }) => {
      if (type === "tenantRecordsRead") cluster.nats.setJetStreamAvailable(false);
    },
  });
  await cluster.clock.advance(1000);
  await stop();
  expect(dispatcher.state).toBe("stopped");
});
