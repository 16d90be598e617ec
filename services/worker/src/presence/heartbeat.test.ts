import { decodeHeartbeat, subjects, type Heartbeat } from "@sluice/protocol";
import { silentLogger } from "@sluice/runtime";
import { createFakeClock, createMemoryNats } from "@sluice/testing";
import { expect, test } from "vitest";
import { startHeartbeat } from "./heartbeat.ts";

test("a worker that was cut off is heard at once when its connection is back, and not of all that it missed to say", async () => {
  const clock = createFakeClock();
  const nats = createMemoryNats({ clock });
  const [owner, messaging] = [nats.connect(), nats.connect()];
  const heard: Heartbeat[] = [];
  owner.subscribe(subjects.heartbeatAll(), ({ payload }) => void heard.push(decodeHeartbeat(payload)));
  const current = (): Omit<Heartbeat, "worker"> => ({ state: "running", epoch: 1, batchIds: [] });
  const told = { log: silentLogger, current, onLate: () => undefined };
  using _heartbeat = startHeartbeat({ pool: "gpu", worker: "w1", messaging, clock, ...told });
  await clock.advance(500);
  expect(heard).toHaveLength(2);
  nats.disconnect(messaging);
  await clock.advance(600_000);
  nats.reconnect(messaging);
  await clock.settle();
  expect(heard).toHaveLength(3);
  await clock.advance(1000);
  expect(heard).toHaveLength(5);
});
