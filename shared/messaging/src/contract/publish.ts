import { describe, expect, test } from "vitest";
import { bytesOf, createMailbox, type CreateServer, textsOf } from "./server.ts";

export function describePublish(create: CreateServer): void {
  describe("publish() and subscribe()", () => {
    test("deliver messages in the order they were published", async () => {
      await using server = await create();
      const [publisher, subscriber] = [await server.connect(), await server.connect()];
      const mailbox = createMailbox();
      subscriber.subscribe("numbers", mailbox.handler);
      await subscriber.flush();
      const numbers = Array.from({ length: 100 }, (_, index) => String(index));
      for (const number of numbers) publisher.publish("numbers", bytesOf(number));
      await publisher.flush();
      await subscriber.flush();
      expect(textsOf(mailbox.all)).toEqual(numbers);
    });

    test("deliver subject, payload, reply and headers as they were published", async () => {
      await using server = await create();
      const messaging = await server.connect();
      const mailbox = createMailbox();
      messaging.subscribe("letters", mailbox.handler);
      messaging.publish("letters", Uint8Array.of(0, 255, 10, 13), {
        reply: "answers.here",
        headers: { "Content-Type": "application/json" },
      });
      const message = await mailbox.next();
      expect(message).toMatchObject({ subject: "letters", reply: "answers.here", isNoResponders: false });
      expect([...message.payload]).toEqual([0, 255, 10, 13]);
      expect(message.header("content-type")).toBe("application/json");
      expect(message.header("Accept")).toBe("");
    });

    test("tell the publisher's own subscription of the reply subject, and nobody else, that nobody subscribes", async () => {
      await using server = await create();
      const [publisher, other] = [await server.connect(), await server.connect()];
      const [mailbox, otherMailbox] = [createMailbox(), createMailbox()];
      publisher.subscribe("answers.mine", mailbox.handler);
      other.subscribe("answers.>", otherMailbox.handler);
      await other.flush();
      publisher.publish("nobody.here", bytesOf("question"), { reply: "answers.mine" });
      expect(await mailbox.next()).toMatchObject({ subject: "answers.mine", isNoResponders: true });
      await other.flush();
      expect(otherMailbox.all).toEqual([]);
    });

    test("deliver an empty payload, no reply and no headers", async () => {
      await using server = await create();
      const messaging = await server.connect();
      const mailbox = createMailbox();
      messaging.subscribe("letters", mailbox.handler);
      messaging.publish("letters", new Uint8Array());
      const message = await mailbox.next();
      expect(message.payload.byteLength).toBe(0);
      expect(message.reply).toBe("");
      expect(message.header("Content-Type")).toBe("");
    });

    test.each([
      { pattern: "a.*.c", matching: ["a.b.c", "a.x.c"], others: ["a.c", "a.b.b.c", "a.b.c.d"] },
      { pattern: "a.>", matching: ["a.b", "a.b.c"], others: ["a", "b.a"] },
      { pattern: "*", matching: ["a", "b"], others: ["a.b"] },
      { pattern: "a.b", matching: ["a.b"], others: ["a", "a.b.c", "a.B"] },
    ])("deliver under $pattern what it matches and nothing else", async ({ pattern, matching, others }) => {
      await using server = await create();
      const messaging = await server.connect();
      const mailbox = createMailbox();
      messaging.subscribe(pattern, mailbox.handler);
      for (const subject of [...others, ...matching]) messaging.publish(subject, bytesOf(subject));
      await messaging.flush();
      expect(mailbox.all.map(({ subject }) => subject)).toEqual(matching);
    });

    test("deliver to every subscription, the publisher's own included", async () => {
      await using server = await create();
      const [one, other] = [await server.connect(), await server.connect()];
      const [first, second, third] = [createMailbox(), createMailbox(), createMailbox()];
      one.subscribe("news", first.handler);
      one.subscribe("*", second.handler);
      other.subscribe("news", third.handler);
      await other.flush();
      one.publish("news", bytesOf("hello"));
      const messages = await Promise.all([first.next(), second.next(), third.next()]);
      expect(textsOf(messages)).toEqual(["hello", "hello", "hello"]);
    });

    test("deliver each message to one member of a queue group", async () => {
      await using server = await create();
      const [one, other] = [await server.connect(), await server.connect()];
      const [left, right, observer] = [createMailbox(), createMailbox(), createMailbox()];
      one.subscribe("work", left.handler, { queue: "workers" });
      other.subscribe("work", right.handler, { queue: "workers" });
      one.subscribe("work", observer.handler);
      await Promise.all([one.flush(), other.flush()]);
      const numbers = Array.from({ length: 100 }, (_, index) => String(index));
      for (const number of numbers) one.publish("work", bytesOf(number));
      await one.flush();
      await other.flush();
      const byNumber = (a: string, b: string): number => Number(a) - Number(b);
      expect([...textsOf(left.all), ...textsOf(right.all)].toSorted(byNumber)).toEqual(numbers);
      expect(left.all.length).toBeGreaterThan(0);
      expect(right.all.length).toBeGreaterThan(0);
      expect(textsOf(observer.all)).toEqual(numbers);
    });

    test("go on after a handler threw", async () => {
      await using server = await create();
      const messaging = await server.connect();
      const mailbox = createMailbox();
      messaging.subscribe("work", (message) => {
        mailbox.handler(message);
        throw new Error("the handler is broken");
      });
      messaging.publish("work", bytesOf("1"));
      messaging.publish("work", bytesOf("2"));
      await messaging.flush();
      messaging.publish("work", bytesOf("3"));
      await messaging.flush();
      expect(textsOf(mailbox.all)).toEqual(["1", "2", "3"]);
    });

    test("take a payload of the largest size and refuse a larger one", async () => {
      await using server = await create();
      const messaging = await server.connect();
      const mailbox = createMailbox();
      messaging.subscribe("large", mailbox.handler);
      messaging.publish("large", new Uint8Array(messaging.maxPayloadBytes));
      expect((await mailbox.next()).payload.byteLength).toBe(messaging.maxPayloadBytes);
      expect(() => messaging.publish("large", new Uint8Array(messaging.maxPayloadBytes + 1))).toThrow(
        expect.objectContaining({ code: "resourceExhausted" }),
      );
    });

    test("count headers into the size of a message", async () => {
      await using server = await create();
      const messaging = await server.connect();
      const payload = new Uint8Array(messaging.maxPayloadBytes);
      expect(() => messaging.publish("large", payload, { headers: { a: "b" } })).toThrow(
        expect.objectContaining({ code: "resourceExhausted" }),
      );
      await messaging.flush();
      expect(messaging.isConnected).toBe(true);
    });
  });

  describe("unsubscribe() and drain()", () => {
    test("unsubscribe() stops at once", async () => {
      await using server = await create();
      const messaging = await server.connect();
      const mailbox = createMailbox();
      const subscription = messaging.subscribe("work", (message) => {
        mailbox.handler(message);
        subscription.unsubscribe();
      });
      messaging.publish("work", bytesOf("1"));
      messaging.publish("work", bytesOf("2"));
      await messaging.flush();
      subscription.unsubscribe();
      expect(textsOf(mailbox.all)).toEqual(["1"]);
    });

    test("drain() delivers what was on its way, then nothing", async () => {
      await using server = await create();
      const messaging = await server.connect();
      const mailbox = createMailbox();
      const subscription = messaging.subscribe("work", mailbox.handler);
      messaging.publish("work", bytesOf("1"));
      await subscription.drain();
      messaging.publish("work", bytesOf("2"));
      await messaging.flush();
      expect(textsOf(mailbox.all)).toEqual(["1"]);
      await expect(subscription.drain()).resolves.toBeUndefined();
    });

    test("drain() of one member leaves the queue group's work to the others", async () => {
      await using server = await create();
      const [one, other] = [await server.connect(), await server.connect()];
      const [left, right] = [createMailbox(), createMailbox()];
      const subscription = one.subscribe("work", left.handler, { queue: "workers" });
      other.subscribe("work", right.handler, { queue: "workers" });
      await Promise.all([one.flush(), other.flush()]);
      for (let count = 0; count < 20; count++) other.publish("work", bytesOf("before"));
      await other.flush();
      await subscription.drain();
      const beforeCount = left.all.length + right.all.length;
      for (let count = 0; count < 20; count++) other.publish("work", bytesOf("after"));
      await other.flush();
      expect(beforeCount).toBe(20);
      expect(textsOf(right.all).filter((text) => text === "after")).toHaveLength(20);
    });
  });
}
