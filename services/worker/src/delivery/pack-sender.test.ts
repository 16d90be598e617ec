import { encodeResultsAck, queueGroups, subjects } from "@sluice/protocol";
import { silentLogger } from "@sluice/runtime";
import { aFrame, createFakeClock, createMemoryNats } from "@sluice/testing";
import { describe, expect, test } from "vitest";
import { createPackSender } from "./pack-sender.ts";

const pack = { model: "echo", version: "1", frames: [aFrame()] };

describe("createPackSender()", () => {
  test("sends past an instance that stands still once another one has answered", async () => {
    const clock = createFakeClock();
    const nats = createMemoryNats({ clock });
    const [still, living] = [nats.connect(), nats.connect()];
    for (const [messaging, instance] of [[still, "r1"] as const, [living, "r2"] as const]) {
      const acknowledge = ({ reply: ackSubject }: { readonly reply: string }): void =>
        messaging.publish(ackSubject, encodeResultsAck({ instance, gone: [] }));
      messaging.subscribe(subjects.results(), acknowledge, { queue: queueGroups.results });
      messaging.subscribe(subjects.resultsInstance(instance), acknowledge);
    }
    const sender = createPackSender({
      worker: "w1",
      messaging: nats.connect(),
      clock,
      log: silentLogger,
      onRoundTrip: () => undefined,
      onSettled: () => undefined,
      onEvent: () => undefined,
    });
    const send = (count: number) => Array.from({ length: count }, () => sender.send(pack, ""));

    nats.stall(still);
    const first = send(2);
    await clock.advance(300);
    expect(await Promise.all(first)).toHaveLength(2);
    const next = send(8);
    await clock.settle();
    expect(sender.pendingCount).toBe(0);
    for (const ack of await Promise.all(next)) expect(ack?.instance).toBe("r2");
  });
});
