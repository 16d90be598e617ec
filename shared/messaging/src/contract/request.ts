import { describe, expect, test } from "vitest";
import type { Message } from "../messaging.ts";
import { bytesOf, createMailbox, type CreateServer, textOf, textsOf } from "./server.ts";

export function describeRequest(create: CreateServer): void {
  describe("request()", () => {
    test("resolves with the first answer", async () => {
      await using server = await create();
      const [asker, answerer] = [await server.connect(), await server.connect()];
      answerer.subscribe("echo", ({ payload, reply }) => {
        answerer.publish(reply, payload);
        answerer.publish(reply, bytesOf("too late"));
      });
      await answerer.flush();
      const answers = await Promise.all(
        ["a", "b", "c"].map((text) => asker.request("echo", bytesOf(text), { timeoutMs: 5_000 })),
      );
      expect(textsOf(answers)).toEqual(["a", "b", "c"]);
    });

    test("asks under the connection's own inbox and carries headers", async () => {
      await using server = await create();
      const messaging = await server.connect();
      const mailbox = createMailbox();
      messaging.subscribe("echo", (message) => {
        mailbox.handler(message);
        messaging.publish(message.reply, message.payload);
      });
      await messaging.request("echo", bytesOf("a"), { timeoutMs: 5_000, headers: { color: "red" } });
      const question = await mailbox.next();
      expect(question.reply).toMatch(new RegExp(`^_INBOX\\.${messaging.connectionId}\\.[^.]+$`));
      expect(question.header("color")).toBe("red");
    });

    test("rejects with unavailable at once when nobody subscribes the subject", async () => {
      await using server = await create();
      const messaging = await server.connect();
      await expect(messaging.request("nobody", bytesOf("a"), { timeoutMs: 60_000 })).rejects.toMatchObject({
        code: "unavailable",
        details: { reason: "noResponders" },
      });
    });

    test("rejects with deadlineExceeded when no answer comes in time", async () => {
      await using server = await create();
      const messaging = await server.connect();
      messaging.subscribe("silence", () => undefined);
      await expect(messaging.request("silence", bytesOf("a"), { timeoutMs: 20 })).rejects.toMatchObject({
        code: "deadlineExceeded",
      });
    });

    test("keeps every request's own timeout", async () => {
      await using server = await create();
      const messaging = await server.connect();
      const ended: string[] = [];
      messaging.subscribe("silence", () => undefined);
      const ask = async (name: string, timeoutMs: number): Promise<void> => {
        await expect(messaging.request("silence", bytesOf(name), { timeoutMs })).rejects.toMatchObject({
          code: "deadlineExceeded",
        });
        ended.push(name);
      };
      await Promise.all([ask("long", 120), ask("short", 10), ask("middle", 60)]);
      expect(ended).toEqual(["short", "middle", "long"]);
    });

    test("rejects with canceled when the signal aborts, before or after it was sent", async () => {
      await using server = await create();
      const messaging = await server.connect();
      const caller = new AbortController();
      const mailbox = createMailbox();
      messaging.subscribe("silence", (message) => {
        mailbox.handler(message);
        caller.abort(new Error("the caller left"));
      });
      const options = { timeoutMs: 60_000, signal: caller.signal };
      await expect(messaging.request("silence", bytesOf("a"), options)).rejects.toMatchObject({
        code: "canceled",
      });
      await expect(messaging.request("silence", bytesOf("b"), options)).rejects.toMatchObject({
        code: "canceled",
      });
      await messaging.flush();
      expect(textsOf(mailbox.all)).toEqual(["a"]);
    });

    test("rejects with resourceExhausted when the payload is too large", async () => {
      await using server = await create();
      const messaging = await server.connect();
      const payload = new Uint8Array(messaging.maxPayloadBytes + 1);
      await expect(messaging.request("echo", payload, { timeoutMs: 60_000 })).rejects.toMatchObject({
        code: "resourceExhausted",
      });
    });
  });

  describe("publishWithReply()", () => {
    test("calls back for every answer until it is disposed", async () => {
      await using server = await create();
      const [asker, answerer] = [await server.connect(), await server.connect()];
      const mailbox = createMailbox();
      let answer: (text: string) => void = () => undefined;
      const asked = new Promise<void>((resolve) => {
        answerer.subscribe("poll", ({ reply }) => {
          answer = (text) => answerer.publish(reply, bytesOf(text));
          resolve();
        });
      });
      await answerer.flush();
      const question = asker.publishWithReply("poll", bytesOf("?"), { onReply: mailbox.handler });
      await asked;
      answer("1");
      answer("2");
      expect(textsOf([await mailbox.next(), await mailbox.next()])).toEqual(["1", "2"]);
      question[Symbol.dispose]();
      answer("3");
      await answerer.flush();
      await asker.flush();
      expect(mailbox.all).toHaveLength(2);
    });

    test("keeps answers of different questions apart", async () => {
      await using server = await create();
      const messaging = await server.connect();
      messaging.subscribe("echo", ({ payload, reply }) => messaging.publish(reply, payload));
      const [one, other] = [createMailbox(), createMailbox()];
      messaging.publishWithReply("echo", bytesOf("one"), { onReply: one.handler });
      messaging.publishWithReply("echo", bytesOf("other"), { onReply: other.handler });
      expect(textOf(await other.next())).toBe("other");
      expect(textOf(await one.next())).toBe("one");
    });

    test("sends the headers", async () => {
      await using server = await create();
      const messaging = await server.connect();
      const mailbox = createMailbox();
      messaging.subscribe("poll", mailbox.handler);
      messaging.publishWithReply("poll", bytesOf("?"), {
        onReply: () => undefined,
        headers: { kind: "json" },
      });
      expect((await mailbox.next()).header("kind")).toBe("json");
    });

    test("tells that nobody subscribes the subject", async () => {
      await using server = await create();
      const messaging = await server.connect();
      const message = await new Promise<Message>((resolve) => {
        messaging.publishWithReply("nobody", bytesOf("?"), { onReply: resolve });
      });
      expect(message.isNoResponders).toBe(true);
    });

    test("lives on after a callback threw", async () => {
      await using server = await create();
      const messaging = await server.connect();
      const mailbox = createMailbox();
      messaging.subscribe("twice", ({ reply }) => {
        messaging.publish(reply, bytesOf("1"));
        messaging.publish(reply, bytesOf("2"));
      });
      messaging.publishWithReply("twice", bytesOf("?"), {
        onReply: (message) => {
          mailbox.handler(message);
          throw new Error("the callback is broken");
        },
      });
      expect(textsOf([await mailbox.next(), await mailbox.next()])).toEqual(["1", "2"]);
    });
  });
}
