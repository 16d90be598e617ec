import { describe, expect, test } from "vitest";
import type { Frame } from "@sluice/protocol";
import { createTestClient } from "./test-client.fixture.ts";

const inputs = { x: { data: Float32Array.of(1, 2), shape: [1, 2] } };
const busy: Partial<Frame> = { code: "unavailable", message: "the pool is busy", outputs: [], body: [] };

describe("retries", () => {
  test("sends a refused request again under a new id after half of 50 ms, then of 100 ms", async () => {
    await using t = await createTestClient();
    using owner = t.owner();
    const answer = t.client.model("echo").infer(inputs);
    owner.answer(await owner.request(0), busy);
    await expect(t.events.next("retried")).resolves.toMatchObject({ retryCount: 1, delayMs: 25 });
    await t.clock.advance(24);
    expect(owner.requests).toHaveLength(1);
    await t.clock.advance(1);
    owner.answer(await owner.request(1), busy);
    await expect(t.events.next("retried")).resolves.toMatchObject({ retryCount: 2, delayMs: 50 });
    await t.clock.advance(50);
    const last = await owner.request(2);
    expect(last.queuedMs).toBe(75);
    owner.answer(last);
    await expect(answer).resolves.toMatchObject({ id: last.id });
    expect(new Set(owner.requests.map(({ id }) => id)).size).toBe(3);
  });

  test("tells the caller each id under which its request was sent", async () => {
    await using t = await createTestClient();
    using owner = t.owner();
    const sentIds: string[] = [];
    const onSent = (id: string): void => void sentIds.push(id);
    const answer = t.client.model("echo").infer(inputs, { onSent });
    expect(sentIds).toEqual([]);
    owner.answer(await owner.request(0), busy);
    await t.events.next("retried");
    await t.clock.advance(25);
    owner.answer(await owner.request(1));
    await answer;
    expect(sentIds).toEqual(owner.requests.map(({ id }) => id));
    expect(new Set(sentIds).size).toBe(2);
  });

  test("waits at least as long as the error asks for", async () => {
    await using t = await createTestClient();
    using owner = t.owner();
    const answer = t.client.model("echo").infer(inputs);
    owner.answer(await owner.request(0), { ...busy, retryAfterMs: 300 });
    await expect(t.events.next("retried")).resolves.toMatchObject({ delayMs: 325 });
    await t.clock.advance(325);
    owner.answer(await owner.request(1));
    await answer;
  });

  test("gives up after the last retry with the last error", async () => {
    await using t = await createTestClient({ retries: 2 });
    using owner = t.owner({ onRequest: (request, stub) => stub.answer(request, busy) });
    const answer = expect(t.client.model("echo").infer(inputs)).rejects.toMatchObject({
      code: "unavailable",
    });
    await t.clock.advance(1000);
    await answer;
    expect(owner.requests).toHaveLength(3);
  });

  test("does not retry without retries", async () => {
    await using t = await createTestClient({ retries: 0 });
    using owner = t.owner({ onRequest: (request, stub) => stub.answer(request, busy) });
    await expect(t.client.model("echo").infer(inputs)).rejects.toMatchObject({ code: "unavailable" });
    expect(owner.requests).toHaveLength(1);
  });

  test("does not plan a retry past the deadline", async () => {
    await using t = await createTestClient();
    using owner = t.owner({
      onRequest: (request, stub) => stub.answer(request, { ...busy, retryAfterMs: 500 }),
    });
    const answer = t.client.model("echo").infer(inputs, { timeoutMs: 400 });
    await expect(answer).rejects.toMatchObject({ code: "unavailable", retryAfterMs: 500 });
    expect(owner.requests).toHaveLength(1);
  });

  test.each(["invalidArgument", "resourceExhausted", "internal", "aborted"] as const)(
    "does not retry %s",
    async (code) => {
      await using t = await createTestClient();
      using owner = t.owner({ onRequest: (request, stub) => stub.answer(request, { ...busy, code }) });
      await expect(t.client.model("echo").infer(inputs)).rejects.toMatchObject({ code });
      expect(owner.requests).toHaveLength(1);
    },
  );

  test("gives up a call that waits for its retry when its signal aborts", async () => {
    await using t = await createTestClient();
    using owner = t.owner();
    const controller = new AbortController();
    const answer = t.client.model("echo").infer(inputs, { signal: controller.signal });
    owner.answer(await owner.request(0), busy);
    await t.events.next("retried");
    controller.abort();
    await expect(answer).rejects.toMatchObject({ code: "canceled" });
    await t.clock.advance(5000);
    expect(owner.requests).toHaveLength(1);
  });
});
