import { describe, expect, test } from "vitest";
import type { Messaging, MessagingEvent } from "../messaging.ts";
import { createEntries } from "./key-value.ts";
import { bytesOf, createMailbox, type CreateServer, textOf, textsOf } from "./server.ts";

export function describeLostConnection(create: CreateServer): void {
  describe("a lost connection", () => {
    test("is told, and so is its return", async () => {
      await using server = await create();
      const messaging = await server.connect();
      expect(messaging.isConnected).toBe(true);
      expect(messaging.server).toMatch(/^[^:]+:\d+$/);
      await Promise.all([eventOf(messaging, "disconnected"), server.interrupt()]);
      expect(messaging.isConnected).toBe(false);
      const [reconnected] = await Promise.all([eventOf(messaging, "reconnected"), server.restore()]);
      expect(messaging.isConnected).toBe(true);
      expect(reconnected).toEqual({ type: "reconnected", server: messaging.server });
    });

    test("keeps what is published meanwhile and sends it in order", async () => {
      await using server = await create();
      const messaging = await server.connect();
      const mailbox = createMailbox();
      messaging.subscribe("numbers", mailbox.handler);
      await Promise.all([eventOf(messaging, "disconnected"), server.interrupt()]);
      messaging.publish("numbers", bytesOf("1"));
      messaging.publish("numbers", bytesOf("2"));
      await Promise.all([eventOf(messaging, "reconnected"), server.restore()]);
      messaging.publish("numbers", bytesOf("3"));
      const messages = [await mailbox.next(), await mailbox.next(), await mailbox.next()];
      expect(textsOf(messages)).toEqual(["1", "2", "3"]);
    });

    test("keeps a request open until its timeout", async () => {
      await using server = await create();
      const messaging = await server.connect();
      messaging.subscribe("echo", ({ payload, reply }) => messaging.publish(reply, payload));
      await Promise.all([eventOf(messaging, "disconnected"), server.interrupt()]);
      await expect(messaging.request("echo", bytesOf("a"), { timeoutMs: 20 })).rejects.toMatchObject({
        code: "deadlineExceeded",
      });
      const answer = messaging.request("echo", bytesOf("b"), { timeoutMs: 15_000 });
      await server.restore();
      expect(textOf(await answer)).toBe("b");
    });

    test("does not keep what is asked longer than its asker waits for the answer", async () => {
      await using server = await create();
      const messaging = await server.connect();
      const mailbox = createMailbox();
      messaging.subscribe("asked", mailbox.handler);
      await Promise.all([eventOf(messaging, "disconnected"), server.interrupt()]);
      const timedOut = messaging.request("asked", bytesOf("timed out"), { timeoutMs: 10 });
      await expect(timedOut).rejects.toMatchObject({ code: "deadlineExceeded" });
      const onReply = mailbox.handler;
      messaging.publishWithReply("asked", bytesOf("closed"), { onReply })[Symbol.dispose]();
      using _poll = messaging.publishWithReply("asked", bytesOf("open"), { onReply });
      await Promise.all([eventOf(messaging, "reconnected"), server.restore()]);
      expect(textOf(await mailbox.next())).toBe("open");
    });

    test("may come back to a server that takes less: who published or asked something larger is told", async () => {
      await using server = await create();
      const messaging = await server.connect();
      const mailbox = createMailbox();
      messaging.subscribe("sizes", mailbox.handler);
      await Promise.all([eventOf(messaging, "disconnected"), server.interrupt()]);
      const errors: unknown[] = [];
      const onUnsent = (error: unknown): void => void errors.push(error);
      const large = new Uint8Array(5000);
      messaging.publish("sizes", large, { onUnsent });
      using _poll = messaging.publishWithReply("sizes", large, { onReply: mailbox.handler, onUnsent });
      const answer = messaging.request("sizes", large, { timeoutMs: 60_000 });
      const refused = expect(answer).rejects.toMatchObject({ code: "resourceExhausted" });
      messaging.publish("sizes", new Uint8Array(1), { onUnsent });
      await Promise.all([eventOf(messaging, "reconnected"), server.restore({ maxPayloadBytes: 4096 })]);
      expect((await mailbox.next()).payload).toHaveLength(1);
      await refused;
      const tooLarge = {
        code: "resourceExhausted",
        details: { reason: "maxPayload", bytes: 5000, maxPayloadBytes: 4096 },
      };
      expect(errors).toMatchObject([tooLarge, tooLarge]);
      expect(messaging.maxPayloadBytes).toBe(4096);
    });

    test("makes publish() throw unavailable once too much waits", async () => {
      await using server = await create();
      const messaging = await server.connect();
      await Promise.all([eventOf(messaging, "disconnected"), server.interrupt()]);
      const payload = new Uint8Array(messaging.maxPayloadBytes);
      const fill = (): void => {
        for (let count = 0; count < 100; count++) messaging.publish("large", payload);
      };
      expect(fill).toThrow(expect.objectContaining({ code: "unavailable" }));
    });

    test("makes flush() reject with unavailable", async () => {
      await using server = await create();
      const messaging = await server.connect();
      await Promise.all([eventOf(messaging, "disconnected"), server.interrupt()]);
      await expect(messaging.flush()).rejects.toMatchObject({ code: "unavailable" });
    });

    test("makes calls of a bucket reject with unavailable, not as if JetStream were away", async () => {
      await using server = await create();
      const messaging = await server.connect();
      const bucket = await messaging.keyValue("notes");
      await Promise.all([eventOf(messaging, "disconnected"), server.interrupt()]);
      const expected = { code: "unavailable", details: { reason: "timeout" } };
      await Promise.all([
        expect(bucket.put("a", bytesOf("1"))).rejects.toMatchObject(expected),
        expect(bucket.get("a")).rejects.toMatchObject(expected),
        expect(bucket.update("a", bytesOf("1"), 1)).rejects.toMatchObject(expected),
      ]);
    });

    test("keeps what a bucket holds, and its watches", async () => {
      await using server = await create();
      const messaging = await server.connect();
      const bucket = await messaging.keyValue("notes");
      const entries = createEntries();
      await bucket.put("a", bytesOf("1"));
      await bucket.watch(entries.onEntry);
      await Promise.all([eventOf(messaging, "disconnected"), server.interrupt()]);
      await Promise.all([eventOf(messaging, "reconnected"), server.restore()]);
      await entries.count(2);
      expect(await bucket.get("a")).toMatchObject({ revision: 1 });
      await bucket.put("b", bytesOf("1"));
      await entries.count(3);
      expect(entries.all.map(({ key, revision }) => ({ key, revision }))).toEqual([
        { key: "a", revision: 1 },
        { key: "a", revision: 1 },
        { key: "b", revision: 2 },
      ]);
    });

    test("tells nobody who stopped listening", async () => {
      await using server = await create();
      const messaging = await server.connect();
      const events: MessagingEvent[] = [];
      messaging.onEvent((event) => events.push(event))[Symbol.dispose]();
      await Promise.all([eventOf(messaging, "disconnected"), server.interrupt()]);
      expect(events).toEqual([]);
    });
  });
}

/** Resolves with the next event of `type`. */
export function eventOf(messaging: Messaging, type: MessagingEvent["type"]): Promise<MessagingEvent> {
  return new Promise((resolve) => {
    const listening = messaging.onEvent((event) => {
      if (event.type !== type) return;
      listening[Symbol.dispose]();
      resolve(event);
    });
  });
}
