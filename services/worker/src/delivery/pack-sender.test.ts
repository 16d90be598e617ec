import type { Messaging } from "@sluice/messaging";
import { decodeResultPack, encodeResultsAck, queueGroups, subjects } from "@sluice/protocol";
import { silentLogger } from "@sluice/runtime";
import { aFrame, createFakeClock, createMemoryNats, type FakeClock } from "@sluice/testing";
import { describe, expect, test } from "vitest";
import { createDelivery } from "./delivery.ts";
import { createPackSender, type PackSender } from "./pack-sender.ts";

const pack = { model: "echo", version: "1", frames: [aFrame()] };

function aSender(messaging: Messaging, clock: FakeClock): PackSender {
  const ignore = (): void => undefined;
  const told = { onSettled: ignore, onEvent: ignore };
  return createPackSender({ worker: "w1", messaging, clock, log: silentLogger, ...told });
}

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
    const sender = aSender(nats.connect(), clock);
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

  test("sends a pack once when the connection is back, however often it would have been sent meanwhile", async () => {
    const clock = createFakeClock();
    const nats = createMemoryNats({ clock });
    const [results, messaging] = [nats.connect(), nats.connect()];
    let packCount = 0;
    results.subscribe(subjects.results(), ({ reply }) => {
      packCount += 1;
      results.publish(reply, encodeResultsAck({ instance: "r1", gone: [] }));
    });
    const sender = aSender(messaging, clock);
    nats.disconnect(messaging);
    const sent = sender.send(pack, "");
    await clock.advance(5000);
    nats.reconnect(messaging);
    await clock.advance(50);
    await expect(sent).resolves.toMatchObject({ instance: "r1" });
    expect(packCount).toBe(1);
  });

  test("cuts frames anew at once when the connection is back at a server that takes less", async () => {
    const clock = createFakeClock();
    const nats = createMemoryNats({ clock });
    const [results, messaging] = [nats.connect(), nats.connect()];
    const frames: string[] = [];
    results.subscribe(subjects.results(), ({ payload, reply }) => {
      frames.push(...decodeResultPack(payload).frames.map(({ id, code }) => `${id} ${code}`));
      results.publish(reply, encodeResultsAck({ instance: "r1", gone: [] }));
    });
    const sender = aSender(messaging, clock);
    const delivery = createDelivery({
      sender,
      messaging,
      clock,
      maxPendingPacks: 1,
      onRoom: () => undefined,
      onEvent: () => undefined,
    });
    nats.disconnect(messaging);
    const body = (bytes: number) => ({
      outputs: [{ name: "y", datatype: "UINT8" as const, shape: [bytes] }],
      body: [new Uint8Array(bytes)],
    });
    const lost = delivery.deliver({
      ...pack,
      frames: [
        aFrame({ id: "a", ...body(2000) }),
        aFrame({ id: "b", ...body(2000) }),
        aFrame({ id: "c", ...body(9000) }),
      ],
    });
    await clock.advance(100);
    nats.setMaxPayloadBytes(4096);
    nats.reconnect(messaging);
    await clock.advance(50);
    await expect(lost).resolves.toEqual([]);
    expect(frames).toEqual(["a ok", "b ok", "c resourceExhausted"]);
  });
});
