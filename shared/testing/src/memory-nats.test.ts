import type { MessagingEvent } from "@sluice/messaging";
import { describe, expect, test } from "vitest";
import { createFakeClock } from "./fake-clock.ts";
import { createMemoryNats } from "./memory-nats.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = ({ payload }: { readonly payload: Uint8Array }): string => new TextDecoder().decode(payload);

function create() {
  const clock = createFakeClock();
  return { clock, nats: createMemoryNats({ clock }) };
}

describe("createMemoryNats()", () => {
  test("delivers after the call, as a copy that is not aligned", async () => {
    const { clock, nats } = create();
    const messaging = nats.connect();
    const payloads: Uint8Array[] = [];
    messaging.subscribe("a", ({ payload }) => payloads.push(payload));
    const payload = Uint8Array.of(1, 2, 3, 4);
    messaging.publish("a", payload);
    expect(payloads).toEqual([]);
    payload.fill(0);
    await clock.settle();
    expect(payloads.map((each) => [...each])).toEqual([[1, 2, 3, 4]]);
    expect(payloads[0]?.byteOffset).toBe(1);
  });

  test("carries a whole exchange within one settle()", async () => {
    const { clock, nats } = create();
    const [asker, answerer] = [nats.connect(), nats.connect()];
    answerer.subscribe("echo", ({ payload, reply }) => answerer.publish(reply, payload));
    let answer = "";
    void asker.request("echo", bytes("hello"), { timeoutMs: 1_000 }).then((message) => {
      answer = text(message);
    });
    await clock.settle();
    expect(answer).toBe("hello");
    expect(clock.pending).toBe(0);
  });

  test("times requests out on the clock it was given", async () => {
    const { clock, nats } = create();
    const messaging = nats.connect();
    messaging.subscribe("silence", () => undefined);
    const refused = expect(
      messaging.request("silence", bytes("a"), { timeoutMs: 1_000 }),
    ).rejects.toMatchObject({
      code: "deadlineExceeded",
    });
    await clock.advance(999);
    expect(clock.pending).toBe(1);
    await clock.advance(1);
    await refused;
    expect(clock.pending).toBe(0);
  });

  test("loses what is sent to a connection that is cut off, and keeps what it sends", async () => {
    const { clock, nats } = create();
    const [one, other] = [nats.connect(), nats.connect()];
    const seen: string[] = [];
    one.subscribe("to-one", (message) => seen.push(text(message)));
    other.subscribe("to-other", (message) => seen.push(text(message)));
    nats.disconnect(one);
    other.publish("to-one", bytes("lost"));
    one.publish("to-other", bytes("kept"));
    await clock.settle();
    expect(seen).toEqual([]);
    nats.reconnect(one);
    other.publish("to-one", bytes("delivered"));
    await clock.settle();
    expect(seen).toEqual(["kept", "delivered"]);
  });

  test("tells whoever asks that a killed connection subscribes nothing", async () => {
    const { clock, nats } = create();
    const [asker, killed] = [nats.connect(), nats.connect()];
    const events: MessagingEvent[] = [];
    const answers: boolean[] = [];
    killed.subscribe("work", () => answers.push(false));
    killed.onEvent((event) => events.push(event));
    nats.kill(killed);
    asker.publishWithReply("work", bytes("a"), {
      onReply: ({ isNoResponders }) => answers.push(isNoResponders),
    });
    await clock.settle();
    expect(answers).toEqual([true]);
    expect(events).toEqual([]);
    expect(() => killed.publish("a", bytes("a"))).toThrow(expect.objectContaining({ code: "unavailable" }));
  });

  test("drops what was on its way to a killed connection", async () => {
    const { clock, nats } = create();
    const [sender, killed] = [nats.connect(), nats.connect()];
    let count = 0;
    killed.subscribe("work", () => count++);
    sender.publish("work", bytes("a"));
    nats.kill(killed);
    await clock.settle();
    expect(count).toBe(0);
  });

  test("keeps what comes for a stalled connection, and what it publishes, until it resumes", async () => {
    const { clock, nats } = create();
    const [sender, stalled] = [nats.connect(), nats.connect()];
    const seen: string[] = [];
    stalled.subscribe("work", (message) => {
      seen.push(`work ${text(message)}`);
      stalled.publish("done", bytes("1"));
    });
    sender.subscribe("done", (message) => seen.push(`done ${text(message)}`));
    nats.stall(stalled);
    sender.publish("work", bytes("1"));
    stalled.publish("done", bytes("0"));
    await clock.settle();
    expect(seen).toEqual([]);
    nats.resume(stalled);
    await clock.settle();
    expect(seen).toEqual(["work 1", "done 0", "done 1"]);
  });

  test("gives a queue group's messages to its members in turn", async () => {
    const { clock, nats } = create();
    const messaging = nats.connect();
    const seen: string[] = [];
    messaging.subscribe("work", (message) => seen.push(`left ${text(message)}`), { queue: "workers" });
    messaging.subscribe("work", (message) => seen.push(`right ${text(message)}`), { queue: "workers" });
    for (const number of ["1", "2", "3"]) messaging.publish("work", bytes(number));
    await clock.settle();
    expect(seen).toEqual(["left 1", "right 2", "left 3"]);
  });

  test("answers for JetStream at once while it is away, and knows everything when it is back", async () => {
    const { clock, nats } = create();
    const messaging = nats.connect();
    const bucket = await messaging.keyValue("notes");
    await bucket.put("a", bytes("1"));
    nats.setJetStreamAvailable(false);
    const away = { code: "unavailable", details: { reason: "jetstreamUnavailable" } };
    await expect(bucket.put("a", bytes("2"))).rejects.toMatchObject(away);
    await expect(bucket.get("a")).rejects.toMatchObject(away);
    await expect(bucket.keys()).rejects.toMatchObject(away);
    await expect(bucket.watch(() => undefined)).rejects.toMatchObject(away);
    await expect(messaging.keyValue("notes")).rejects.toMatchObject(away);
    nats.setJetStreamAvailable(true);
    expect(await bucket.get("a")).toMatchObject({ revision: 1 });
    expect(clock.pending).toBe(0);
  });

  test("keeps what is published to a declared stream, up to its bound", async () => {
    const { nats } = create();
    const stream = nats.addStream({ name: "REQUESTS", subjects: ["requests.>"], maxMessages: 1 });
    const messaging = nats.connect();
    expect(await messaging.publishDurable("requests.a", bytes("1"), { timeoutMs: 1_000 })).toEqual({
      stream: "REQUESTS",
      sequence: 1,
      isDuplicate: false,
    });
    await expect(
      messaging.publishDurable("requests.b", bytes("2"), { timeoutMs: 1_000 }),
    ).rejects.toMatchObject({
      code: "resourceExhausted",
      details: { reason: "streamFull" },
    });
    expect(stream.messages.map((message) => message.subject)).toEqual(["requests.a"]);
  });

  test("bounds what a connection may have waiting", () => {
    const { nats } = create();
    const messaging = nats.connect({ maxPendingBytes: 10 });
    nats.disconnect(messaging);
    messaging.publish("a", new Uint8Array(10));
    expect(() => messaging.publish("a", new Uint8Array(1))).toThrow(
      expect.objectContaining({ code: "unavailable" }),
    );
  });

  test("does not know connections of another server", () => {
    const { nats } = create();
    expect(() => nats.kill(create().nats.connect())).toThrow("belongs to another server");
  });
});
