import { decodeReplyPack, decodeResultPack, encodeResultsAck, subjects } from "@sluice/protocol";
import { silentLogger } from "@sluice/runtime";
import { aFrame, createFakeClock, createMemoryNats } from "@sluice/testing";
import { describe, expect, test } from "vitest";

import type { WorkerEvent } from "../worker-event.ts";
import { createDelivery } from "./delivery.ts";
import { createPackSender } from "./pack-sender.ts";

const pack = { model: "echo", version: "1" };
const reply = "sluice.v1.reply.acme.one";

/** A delivery whose connection reaches a caller at `reply`, and a results service. */
function aDelivery() {
  const clock = createFakeClock();
  const nats = createMemoryNats({ clock });
  const [others, messaging] = [nats.connect(), nats.connect()];
  const got = { straight: [] as string[], routed: [] as string[] };
  others.subscribe(reply, ({ payload }) => {
    got.straight.push(...decodeReplyPack(payload).frames.map(({ id, code }) => `${id} ${code}`));
  });
  others.subscribe(subjects.results(), ({ payload, reply: ackSubject }) => {
    got.routed.push(...decodeResultPack(payload).frames.map(({ id, code }) => `${id} ${code}`));
    others.publish(ackSubject, encodeResultsAck({ instance: "r1", gone: [] }));
  });
  const events: WorkerEvent[] = [];
  const onEvent = (event: WorkerEvent): void => void events.push(event);
  const ignore = (): void => undefined;
  const delivery = createDelivery({
    sender: createPackSender({
      worker: "w1",
      messaging,
      clock,
      log: silentLogger,
      onSettled: ignore,
      onEvent,
    }),
    messaging,
    clock,
    maxPendingPacks: 4,
    onRoom: ignore,
    onEvent,
  });
  return { clock, nats, messaging, delivery, got, events };
}

function outputOf(bytes: number) {
  return {
    outputs: [{ name: "y", datatype: "UINT8" as const, shape: [bytes] }],
    body: [new Uint8Array(bytes)],
  };
}

describe("createDelivery()", () => {
  test("publishes to SDKs, waits for nothing, and leaves the others to the results service", async () => {
    const { clock, delivery, got, events } = aDelivery();
    const frames = [
      aFrame({ id: "a", reply }),
      aFrame({ id: "b", reply: "_INBOX.x" }),
      aFrame({ id: "c", reply }),
    ];
    const lost = delivery.deliver({ ...pack, frames });
    await clock.settle();
    expect(got).toEqual({ straight: ["a ok", "c ok"], routed: ["b ok"] });
    await expect(lost).resolves.toEqual([]);
    expect(events).toContainEqual({ type: "packPublished", frameCount: 2 });
    delivery[Symbol.dispose]();
  });

  test("publishes what is due before a report is, and then no more", async () => {
    const { clock, delivery, got } = aDelivery();
    await delivery.deliver({ ...pack, frames: [aFrame({ id: "a", reply })] });
    delivery.publishDue();
    delivery.publishDue();
    await clock.settle();
    expect(got.straight).toEqual(["a ok"]);
    delivery[Symbol.dispose]();
  });

  test("cuts what goes to a caller at the limit of the connection, and says what fits no message", async () => {
    const { clock, nats, messaging, delivery, got } = aDelivery();
    nats.disconnect(messaging);
    nats.setMaxPayloadBytes(4096);
    nats.reconnect(messaging);
    const frames = ["a", "b"].map((id) => aFrame({ id, reply, ...outputOf(2000) }));
    await delivery.deliver({ ...pack, frames: [...frames, aFrame({ id: "c", reply, ...outputOf(9000) })] });
    await clock.settle();
    expect(got.straight).toEqual(["a ok", "b ok", "c resourceExhausted"]);
    delivery[Symbol.dispose]();
  });

  test("leaves frames to the results service while there is no connection", async () => {
    const { clock, nats, messaging, delivery, got } = aDelivery();
    nats.disconnect(messaging);
    const lost = delivery.deliver({ ...pack, frames: [aFrame({ id: "a", reply })] });
    await clock.advance(1000);
    nats.reconnect(messaging);
    await clock.advance(100);
    await expect(lost).resolves.toEqual([]);
    expect(got).toEqual({ straight: [], routed: ["a ok"] });
    delivery[Symbol.dispose]();
  });

  test("publishes again after a cut, and leaves what the new server is too small for to the results service", async () => {
    const { clock, nats, messaging, delivery, got } = aDelivery();
    const frames = [aFrame({ id: "a", reply }), aFrame({ id: "b", reply, ...outputOf(9000) })];
    for (const frame of frames) await delivery.deliver({ ...pack, frames: [frame] });
    delivery.publishDue();
    await delivery.deliver({ ...pack, frames: [aFrame({ id: "c", reply })] });
    await clock.settle();
    nats.disconnect(messaging);
    nats.setMaxPayloadBytes(4096);
    nats.reconnect(messaging);
    await clock.advance(100);
    expect(got.straight).toEqual(["a ok", "b ok", "c ok", "a ok", "c ok"]);
    expect(got.routed).toEqual(["b resourceExhausted"]);
    delivery[Symbol.dispose]();
  });
});
