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

  test("tries a call three times where nothing else is said", async () => {
    await using t = await createTestClient();
    using owner = t.owner({ onRequest: (request, stub) => stub.answer(request, busy) });
    const answer = expect(t.client.model("echo").infer(inputs)).rejects.toMatchObject({
      code: "unavailable",
    });
    await t.clock.advance(1000);
    await answer;
    expect(owner.requests).toHaveLength(3);
  });

  test("sends at most a tenth of the calls again, and twenty beside", async () => {
    await using t = await createTestClient({ throttle: false });
    using owner = t.owner({ onRequest: (request, stub) => stub.answer(request, busy) });
    const calls = Array.from({ length: 200 }, () => t.client.model("echo").infer(inputs));
    const outcomes = Promise.allSettled(calls);
    await t.clock.advance(1000);
    await outcomes;
    expect(owner.requests).toHaveLength(200 + 20);
    expect(t.events.count("retryWithheld")).toBeGreaterThan(0);
  });

  test("earns retries with each call", async () => {
    await using t = await createTestClient({ retryRatio: 1 });
    let isBusy = true;
    using owner = t.owner({ onRequest: (request, stub) => stub.answer(request, isBusy ? busy : {}) });
    const refused = Promise.allSettled(
      Array.from({ length: 20 }, () => t.client.model("echo").infer(inputs)),
    );
    await t.clock.advance(1000);
    await refused;
    expect(t.events.count("retried")).toBe(20);
    isBusy = false;
    await t.client.model("echo").infer(inputs);
    isBusy = true;
    const last = expect(t.client.model("echo").infer(inputs)).rejects.toMatchObject({ code: "unavailable" });
    await t.clock.advance(1000);
    await last;
    expect(t.events.count("retried")).toBe(22);
    expect(owner.requests).toHaveLength(44);
  });
});

describe("the throttle", () => {
  test("refuses calls here, and says so, once nearly all are refused there", async () => {
    await using t = await createTestClient({ retries: 0, random: () => 0 });
    using owner = t.owner({ onRequest: (request, stub) => stub.answer(request, busy) });
    const model = t.client.model("echo");
    await Promise.allSettled(Array.from({ length: 200 }, () => model.infer(inputs)));
    await expect(model.infer(inputs)).rejects.toMatchObject({
      code: "unavailable",
      details: { reason: "throttled" },
      retryAfterMs: 1000,
    });
    await expect(model.stream(inputs).next()).rejects.toMatchObject({ details: { reason: "throttled" } });
    expect(owner.requests).toHaveLength(200);
    expect(t.events.count("throttled")).toBe(2);
  });

  test("counts each model for itself", async () => {
    await using t = await createTestClient({ retries: 0, random: () => 0 });
    using _busy = t.owner({ onRequest: (request, stub) => stub.answer(request, busy) });
    using _other = t.owner({ model: "other", onRequest: (request, stub) => stub.answer(request) });
    await Promise.allSettled(Array.from({ length: 200 }, () => t.client.model("echo").infer(inputs)));
    await expect(t.client.model("other").infer(inputs)).resolves.toMatchObject({ model: "other" });
  });

  test("lets calls through that end with a quota", async () => {
    await using t = await createTestClient({ random: () => 0 });
    const error = { ...busy, code: "resourceExhausted" } as const;
    using owner = t.owner({ onRequest: (request, stub) => stub.answer(request, error) });
    const model = t.client.model("echo");
    await Promise.allSettled(Array.from({ length: 200 }, () => model.infer(inputs)));
    await expect(model.infer(inputs)).rejects.toMatchObject({ code: "resourceExhausted" });
    expect(owner.requests).toHaveLength(201);
  });

  test("sends everything when it is switched off", async () => {
    await using t = await createTestClient({ retries: 0, throttle: false, random: () => 0 });
    using owner = t.owner({ onRequest: (request, stub) => stub.answer(request, busy) });
    const model = t.client.model("echo");
    await Promise.allSettled(Array.from({ length: 200 }, () => model.infer(inputs)));
    await expect(model.infer(inputs)).rejects.toMatchObject({ message: "the pool is busy" });
    expect(owner.requests).toHaveLength(201);
  });
});
