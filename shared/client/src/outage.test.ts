import { describe, expect, test } from "vitest";
import { createTestClient } from "./test-client.fixture.ts";

const inputs = { x: { data: Float32Array.of(1, 2), shape: [1, 2] } };

describe("a request that nobody takes", () => {
  test("ends with notFound and the known names once every pool had time to announce itself", async () => {
    await using t = await createTestClient();
    using other = t.owner({ model: "other" });
    other.announce();
    await t.clock.advance(1200);
    await expect(t.client.model("echo").infer(inputs)).rejects.toMatchObject({
      code: "notFound",
      details: { models: ["other"] },
      message: expect.stringContaining("other"),
    });
  });

  test("is tried again as long as pools may not have been heard", async () => {
    await using t = await createTestClient();
    const answer = t.client.model("echo").infer(inputs);
    const rejected = expect(answer).rejects.toMatchObject({ code: "notFound" });
    await t.clock.advance(1199);
    expect(t.events.count("resent")).toBeGreaterThan(0);
    await t.clock.advance(1);
    await rejected;
  });

  test("is answered when an owner comes in time", async () => {
    await using t = await createTestClient();
    const answer = t.client.model("echo").infer(inputs);
    await t.clock.advance(400);
    using owner = t.owner({ onRequest: (request, stub) => stub.answer(request) });
    await t.clock.advance(1000);
    await expect(answer).resolves.toMatchObject({ model: "echo" });
    expect(owner.requests[0]?.queuedMs).toBeGreaterThanOrEqual(400);
  });

  test("is sent again at once, under its id, when a pool announces the model", async () => {
    await using t = await createTestClient();
    const first = t.owner();
    first.announce();
    await t.clock.settle();
    first[Symbol.dispose]();
    const answer = t.client.model("echo").infer(inputs);
    await t.clock.advance(1900);
    const resentBefore = t.events.count("resent");
    using owner = t.owner({ onRequest: (request, stub) => stub.answer(request) });
    owner.announce({ epoch: 1 });
    await t.clock.settle();
    await answer;
    expect(t.events.count("resent")).toBe(resentBefore + 1);
  });

  test("is sent again although it was called long before the connection came back", async () => {
    await using t = await createTestClient();
    const first = t.owner();
    first.announce();
    await t.clock.settle();
    t.nats.disconnect(t.messaging);
    first[Symbol.dispose]();
    await t.clock.advance(10);
    const answer = t.client.model("echo").infer(inputs);
    await t.clock.advance(2500);
    t.nats.reconnect(t.messaging);
    await t.clock.advance(100);
    using owner = t.owner({ onRequest: (request, stub) => stub.answer(request) });
    owner.announce();
    await t.clock.settle();
    expect(owner.requests).toHaveLength(1);
    await expect(answer).resolves.toMatchObject({ model: "echo" });
  });

  test("ends with unavailable after 5 s when the model is announced", async () => {
    await using t = await createTestClient();
    const owner = t.owner();
    owner.announce();
    await t.clock.settle();
    owner[Symbol.dispose]();
    let isOver = false;
    const answer = t.client.model("echo").infer(inputs);
    const rejected = expect(answer.finally(() => (isOver = true))).rejects.toMatchObject({
      code: "unavailable",
      details: { reason: "noResponders" },
    });
    await t.clock.advance(4999);
    expect(isOver).toBe(false);
    await t.clock.advance(1001);
    await rejected;
  });

  test("ends with unavailable at a deadline below 5 s", async () => {
    await using t = await createTestClient();
    const owner = t.owner();
    owner.announce();
    await t.clock.settle();
    owner[Symbol.dispose]();
    const answer = t.client.model("echo").infer(inputs, { timeoutMs: 300 });
    const rejected = expect(answer).rejects.toMatchObject({ code: "unavailable" });
    await t.clock.advance(300);
    await rejected;
  });

  test("ends with unavailable at once without retries", async () => {
    await using t = await createTestClient({ retries: 0 });
    const owner = t.owner();
    owner.announce();
    await t.clock.settle();
    owner[Symbol.dispose]();
    await expect(t.client.model("echo").infer(inputs)).rejects.toMatchObject({ code: "unavailable" });
    expect(t.events.count("resent")).toBe(0);
  });

  test("does not concern calls of another model, nor calls that were delivered long before", async () => {
    await using t = await createTestClient();
    using other = t.owner({ model: "other" });
    const owner = t.owner();
    owner.announce();
    const kept = t.client.model("echo").infer(inputs);
    const otherKept = t.client.model("other").infer(inputs);
    const keptRequest = await owner.request(0);
    await t.clock.advance(2500);
    owner[Symbol.dispose]();
    const lost = t.client.model("echo").infer(inputs);
    const rejected = expect(lost).rejects.toMatchObject({ code: "unavailable" });
    await t.clock.advance(6000);
    await rejected;
    owner.answer(keptRequest);
    other.answer(await other.request(0));
    await expect(kept).resolves.toMatchObject({ id: keptRequest.id });
    await expect(otherKept).resolves.toMatchObject({ model: "other" });
    expect(other.requests).toHaveLength(1);
  });
});
