import { describe, expect, test } from "vitest";
import { eventOf } from "./lost-connection.ts";
import { bytesOf, createMailbox, type CreateServer, textsOf } from "./server.ts";

export function describeClose(create: CreateServer): void {
  describe("close()", () => {
    test("delivers what was on its way and sends what handlers answer", async () => {
      await using server = await create();
      const [closing, other] = [await server.connect(), await server.connect()];
      const answers = createMailbox();
      other.subscribe("answers", answers.handler);
      closing.subscribe("work", ({ payload }) => closing.publish("answers", payload));
      await Promise.all([closing.flush(), other.flush()]);
      other.publish("work", bytesOf("1"));
      await other.flush();
      await closing.close();
      await other.flush();
      expect(textsOf(answers.all)).toEqual(["1"]);
    });

    test("sends what was published before", async () => {
      await using server = await create();
      const [closing, other] = [await server.connect(), await server.connect()];
      const mailbox = createMailbox();
      other.subscribe("news", mailbox.handler);
      await other.flush();
      closing.publish("news", bytesOf("1"));
      await closing.close();
      await other.flush();
      expect(textsOf(mailbox.all)).toEqual(["1"]);
    });

    test("is safe twice, at once or later, and is what disposal does", async () => {
      await using server = await create();
      const messaging = await server.connect();
      await Promise.all([messaging.close(), messaging.close()]);
      await messaging.close();
      await messaging[Symbol.asyncDispose]();
      expect(messaging.isConnected).toBe(false);
    });

    test("tells that the connection is closed, without an error", async () => {
      await using server = await create();
      const messaging = await server.connect();
      const [event] = await Promise.all([eventOf(messaging, "closed"), messaging.close()]);
      expect(event).toEqual({ type: "closed", error: undefined });
    });

    test("makes everything after it fail with unavailable", async () => {
      await using server = await create();
      const messaging = await server.connect();
      await messaging.close();
      const unavailable = expect.objectContaining({ code: "unavailable" });
      const timeout = { timeoutMs: 60_000 };
      expect(() => messaging.publish("a", bytesOf("1"))).toThrow(unavailable);
      expect(() => messaging.subscribe("a", () => undefined)).toThrow(unavailable);
      expect(() => messaging.publishWithReply("a", bytesOf("1"), { onReply: () => undefined })).toThrow(
        unavailable,
      );
      await expect(messaging.request("a", bytesOf("1"), timeout)).rejects.toMatchObject({
        code: "unavailable",
      });
      await expect(messaging.flush()).rejects.toMatchObject({ code: "unavailable" });
      await expect(messaging.keyValue("notes")).rejects.toMatchObject({ code: "unavailable" });
    });

    test("ends open requests with unavailable", async () => {
      await using server = await create();
      const [asker, answerer] = [await server.connect(), await server.connect()];
      const mailbox = createMailbox();
      answerer.subscribe("silence", mailbox.handler);
      await answerer.flush();
      const request = asker.request("silence", bytesOf("a"), { timeoutMs: 60_000 });
      const refused = expect(request).rejects.toMatchObject({ code: "unavailable" });
      await mailbox.next();
      await asker.close();
      await refused;
    });

    test("works on a lost connection", async () => {
      await using server = await create();
      const messaging = await server.connect();
      await Promise.all([eventOf(messaging, "disconnected"), server.interrupt()]);
      await messaging.close();
      expect(messaging.isConnected).toBe(false);
    });

    test("ends the connection's watches", async () => {
      await using server = await create();
      const [closing, other] = [await server.connect(), await server.connect()];
      const [left, right] = [await closing.keyValue("notes"), await other.keyValue("notes")];
      const keys: string[] = [];
      await left.watch(({ key }) => keys.push(key));
      await closing.close();
      await right.put("a", bytesOf("1"));
      expect(keys).toEqual([]);
    });
  });
}
