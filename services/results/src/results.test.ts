import type { Messaging } from "@sluice/messaging";
import { encodeResultPack, subjects } from "@sluice/protocol";
import { aFrame } from "@sluice/testing";
import { describe, expect, test } from "vitest";
import { createTestResults } from "./test-results.fixture.ts";

const reply = "_INBOX.caller.1";
const otherReply = "sluice.v1.reply.acme.c1";

/** As if it were connected to a server that takes less than the worker's. */
function limitPayload(messaging: Messaging, maxPayloadBytes: number): void {
  Object.defineProperty(messaging, "maxPayloadBytes", { value: maxPayloadBytes });
}

describe("createResults()", () => {
  test("answers each caller with one message of its frames and acknowledges the pack", async () => {
    await using t = createTestResults();
    await t.start();
    const caller = t.caller(reply);
    const other = t.caller(otherReply);
    const ack = await t.send([
      aFrame({ id: "a" }),
      aFrame({ id: "b", reply: otherReply }),
      aFrame({ id: "c" }),
    ]);
    expect(ack).toEqual({ instance: "r1", gone: [] });
    expect(caller.messages).toHaveLength(1);
    expect(caller.frames.map(({ id }) => id)).toEqual(["a", "c"]);
    expect(other.frames.map(({ id }) => id)).toEqual(["b"]);
    expect(caller.frames[0]).toMatchObject({ code: "ok", final: true, outputs: aFrame().outputs });
    expect(Buffer.concat(caller.frames[0]?.body ?? [])).toEqual(Buffer.concat(aFrame().body));
  });

  test("forwards a pack of one caller as it is", async () => {
    await using t = createTestResults();
    await t.start();
    const caller = t.caller(reply);
    const pack = { worker: "w1", packId: "p1", model: "echo", version: "1" };
    const payload = encodeResultPack({ ...pack, frames: [aFrame({ id: "a" }), aFrame({ id: "b" })] });
    t.worker.publish(subjects.results(), payload);
    await t.events.next("framesPublished");
    await t.clock.settle();
    expect(caller.messages.map((message) => Uint8Array.from(message.payload))).toEqual([payload]);
  });

  test("publishes the frames before the acknowledgement", async () => {
    await using t = createTestResults();
    await t.start();
    const order: string[] = [];
    t.worker.subscribe(reply, () => order.push("frames"));
    t.worker.subscribe("_INBOX.ack", () => order.push("ack"));
    const payload = encodeResultPack({
      worker: "w1",
      packId: "p1",
      model: "echo",
      version: "1",
      frames: [aFrame()],
    });
    t.worker.publish(subjects.results(), payload, { reply: "_INBOX.ack" });
    await t.events.next("packAcknowledged");
    await t.clock.settle();
    expect(order).toEqual(["frames", "ack"]);
  });

  test("drops a pack it has seen and acknowledges it again", async () => {
    await using t = createTestResults();
    await t.start();
    const caller = t.caller(reply);
    const frames = [aFrame({ id: "a" }), aFrame({ id: "b" })];
    await t.send(frames, { packId: "p1" });
    await expect(t.send(frames, { packId: "p1" })).resolves.toMatchObject({ instance: "r1" });
    await Promise.all([t.send(frames, { packId: "p2" }), t.send(frames, { packId: "p2" })]);
    expect(caller.messages).toHaveLength(2);
    const taken = t.events.all.filter((event) => event.type === "packTaken");
    expect(taken.map(({ duplicateCount }) => duplicateCount)).toEqual([0, 2, 0, 2]);
  });

  test("passes a pack without id on each time", async () => {
    await using t = createTestResults();
    await t.start();
    const caller = t.caller(reply);
    await t.send([aFrame()]);
    await t.send([aFrame()]);
    expect(caller.frames).toHaveLength(2);
  });

  test("passes a pack on again that a lost connection may have held", async () => {
    await using t = createTestResults();
    await t.start();
    const caller = t.caller(reply);
    await t.send([aFrame()], { packId: "p1" });
    t.nats.disconnect(t.messaging);
    t.nats.reconnect(t.messaging);
    await t.send([aFrame()], { packId: "p1" });
    expect(caller.frames).toHaveLength(2);
  });

  test("does not acknowledge a message that it cannot read and goes on", async () => {
    await using t = createTestResults();
    await t.start();
    const caller = t.caller(reply);
    t.worker.publish(subjects.results(), Uint8Array.of(0xc1), { reply: "_INBOX.ack" });
    await t.events.next("packRefused");
    await t.send([aFrame()]);
    expect(caller.frames).toHaveLength(1);
    expect(t.events.count("packAcknowledged")).toBe(1);
  });

  test("drops and counts frames whose reply subject is not the tenant's", async () => {
    await using t = createTestResults();
    await t.start();
    const victim = t.caller("sluice.v1.reply.other.c1");
    const caller = t.caller(reply);
    await t.send([aFrame({ id: "a", reply: "sluice.v1.reply.other.c1" }), aFrame({ id: "b" })]);
    expect(victim.messages).toEqual([]);
    expect(caller.frames.map(({ id }) => id)).toEqual(["b"]);
    await expect(t.events.next("packTaken")).resolves.toMatchObject({ frameCount: 2, malformedCount: 1 });
  });

  test("answers with one JSON document for each frame whose caller accepts JSON", async () => {
    await using t = createTestResults();
    await t.start();
    const caller = t.caller(reply);
    await t.send([
      aFrame({ id: "a", accept: "json" }),
      aFrame({
        id: "b",
        accept: "json",
        code: "internal",
        message: "the engine failed",
        outputs: [],
        body: [],
      }),
    ]);
    expect(caller.messages.map((message) => message.header("Content-Type"))).toEqual([
      "application/json",
      "application/json",
    ]);
    const documents = caller.messages.map(({ payload }) => JSON.parse(Buffer.from(payload).toString("utf8")));
    expect(documents[0]).toMatchObject({ model_name: "echo", model_version: "1", id: "a" });
    expect(documents[1]).toMatchObject({ error: "the engine failed", code: "internal" });
  });

  test("refuses a pack as a whole when frames of it that must be opened cannot be read", async () => {
    await using t = createTestResults();
    await t.start();
    const caller = t.caller(reply);
    const frames = [aFrame({ id: "a" }), aFrame({ id: "b", accept: "json", retryAfterMs: -1 })];
    const lost = expect(t.send(frames)).rejects.toMatchObject({ code: "deadlineExceeded" });
    await t.events.next("packRefused");
    await t.clock.advance(250);
    await lost;
    expect(caller.messages).toEqual([]);
  });

  test("cuts a pack that is larger than its own connection's largest payload", async () => {
    await using t = createTestResults();
    await t.start();
    limitPayload(t.messaging, 8192);
    const caller = t.caller(reply);
    const row = {
      outputs: [{ name: "y", datatype: "UINT8" as const, shape: [3000] }],
      body: [new Uint8Array(3000)],
    };
    await t.send(["a", "b", "c"].map((id) => aFrame({ id, ...row })));
    expect(caller.messages).toHaveLength(2);
    expect(caller.frames.map(({ id }) => id)).toEqual(["a", "b", "c"]);
  });

  test.each(["msgpack", "json"] as const)(
    "ends a result with resourceExhausted when its frame fits no message (%s)",
    async (accept) => {
      await using t = createTestResults();
      await t.start();
      limitPayload(t.messaging, 8192);
      const caller = t.caller(reply);
      const big = {
        outputs: [{ name: "y", datatype: "UINT8" as const, shape: [9000] }],
        body: [new Uint8Array(9000)],
      };
      await expect(t.send([aFrame({ frame: 3, final: false, accept, ...big })])).resolves.toBeDefined();
      await expect(t.events.next("framesTooLarge")).resolves.toMatchObject({ frameCount: 1 });
      if (accept === "json") {
        expect(JSON.parse(Buffer.from(caller.messages[0]?.payload ?? []).toString("utf8"))).toMatchObject({
          code: "resourceExhausted",
          details: { limit: "maxPayloadBytes" },
        });
      } else {
        const details = { limit: "maxPayloadBytes", value: 8192 };
        expect(caller.frames).toMatchObject([
          { frame: 3, final: true, code: "resourceExhausted", details, outputs: [] },
        ]);
      }
    },
  );

  test.each(["msgpack", "json"] as const)(
    "reports a stream of %s as gone with the next acknowledgement once nobody reads it",
    async (accept) => {
      await using t = createTestResults();
      await t.start();
      const caller = t.caller(reply);
      expect((await t.send([aFrame({ accept, frame: 0, final: false })])).gone).toEqual([]);
      caller.leave();
      await t.clock.advance(500);
      await t.send([aFrame({ accept, frame: 1, final: false })]);
      await t.clock.settle();
      const ack = await t.send([
        aFrame({ accept, frame: 2, final: false }),
        aFrame({ id: "other", reply: otherReply }),
      ]);
      expect(ack.gone).toEqual(["request-1"]);
      await t.clock.advance(3000);
      t.caller(reply);
      await t.send([aFrame({ accept, frame: 3, final: false })]);
      await t.clock.settle();
      expect((await t.send([aFrame({ accept, frame: 4, final: false })])).gone).toEqual([]);
    },
  );

  test("lets a stream go on that a caller began after it had come back", async () => {
    await using t = createTestResults();
    await t.start();
    const caller = t.caller(reply);
    await t.send([aFrame({ frame: 0, final: false })]);
    caller.leave();
    await t.clock.advance(500);
    await t.send([aFrame({ frame: 1, final: false })]);
    await t.clock.settle();
    t.caller(reply);
    await t.clock.advance(100);
    const ack = await t.send([
      aFrame({ id: "new", frame: 0, final: false }),
      aFrame({ frame: 2, final: false }),
    ]);
    expect(ack.gone).toEqual(["request-1"]);
  });

  test("does not acknowledge a pack whose frames could not be published, and passes them on when it comes again", async () => {
    await using t = createTestResults();
    await t.start();
    const caller = t.caller(reply);
    const { publish } = t.messaging;
    t.messaging.publish = () => {
      throw new Error("the outgoing buffer is full");
    };
    const lost = expect(t.send([aFrame()], { packId: "p1" })).rejects.toMatchObject({
      code: "deadlineExceeded",
    });
    await t.events.next("publishFailed");
    await t.clock.advance(250);
    await lost;
    t.messaging.publish = publish;
    await t.send([aFrame()], { packId: "p1" });
    expect(caller.frames).toHaveLength(1);
  });
});
