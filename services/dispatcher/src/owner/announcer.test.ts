import { decodePoolEvent, subjects, type PoolEvent } from "@sluice/protocol";
import { createFakeClock, createMemoryNats } from "@sluice/testing";
import { expect, test } from "vitest";
import { createAnnouncer } from "./announcer.ts";

test("an owner that was cut off announces itself once when its connection is back, and gives its pool away all the same", async () => {
  const clock = createFakeClock();
  const nats = createMemoryNats({ clock });
  const [caller, messaging] = [nats.connect(), nats.connect()];
  const heard: string[] = [];
  caller.subscribe(
    subjects.poolEvent("gpu"),
    ({ payload }) => void heard.push(decodePoolEvent(payload).state),
  );
  const owned: PoolEvent = { pool: "gpu", epoch: 1, owner: "d1", state: "owned", models: [] };
  const event = (): PoolEvent => owned;
  const announcer = createAnnouncer({ pool: "gpu", messaging, clock, onEvent: () => undefined, event });
  nats.disconnect(messaging);
  for (let second = 0; second < 600; second++) {
    await clock.advance(1000);
    announcer.tick(clock.monotonicMs());
  }
  announcer.now({ ...owned, state: "released" });
  nats.reconnect(messaging);
  await clock.settle();
  expect(heard).toEqual(["owned", "released"]);
  await clock.advance(1000);
  announcer.tick(clock.monotonicMs());
  await clock.settle();
  expect(heard).toEqual(["owned", "released", "owned"]);
});
