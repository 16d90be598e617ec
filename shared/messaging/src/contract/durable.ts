import { describe, expect, test } from "vitest";
import { bytesOf, type CreateServer } from "./server.ts";

/** The streams of these tests are those of buckets: the contract has no other way to make one. */
export function describeDurable(create: CreateServer): void {
  describe("publishDurable()", () => {
    test("resolves with stream and sequence once the message is stored", async () => {
      await using server = await create();
      const messaging = await server.connect();
      const bucket = await messaging.keyValue("notes");
      const first = await messaging.publishDurable("$KV.notes.a", bytesOf("1"), { timeoutMs: 5_000 });
      const second = await messaging.publishDurable("$KV.notes.b", bytesOf("2"), { timeoutMs: 5_000 });
      expect(first).toEqual({ stream: "KV_notes", sequence: 1, isDuplicate: false });
      expect(second).toEqual({ stream: "KV_notes", sequence: 2, isDuplicate: false });
      expect((await bucket.get("b"))?.revision).toBe(2);
    });

    test("stores a message id once", async () => {
      await using server = await create();
      const messaging = await server.connect();
      await messaging.keyValue("notes");
      const options = { timeoutMs: 5_000, messageId: "m1" };
      await messaging.publishDurable("$KV.notes.a", bytesOf("1"), options);
      const again = await messaging.publishDurable("$KV.notes.a", bytesOf("1"), options);
      expect(again).toEqual({ stream: "KV_notes", sequence: 1, isDuplicate: true });
    });

    test("rejects with unavailable at once when no stream takes the subject", async () => {
      await using server = await create();
      const messaging = await server.connect();
      await expect(
        messaging.publishDurable("nowhere", bytesOf("1"), { timeoutMs: 60_000 }),
      ).rejects.toMatchObject({
        code: "unavailable",
        details: { reason: "jetstreamUnavailable" },
      });
    });
  });
}
