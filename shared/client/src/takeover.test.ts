import { describe, expect, test } from "vitest";
import { listenMs } from "./pool-directory.ts";
import { createTestClient } from "./test-client.fixture.ts";

const inputs = { x: { data: Float32Array.of(1, 2), shape: [1, 2] } };

describe("takeover", () => {
  test("sends open requests of the pool's models again under their ids, once for an epoch", async () => {
    await using t = await createTestClient();
    using owner = t.owner();
    using other = t.owner({ model: "other" });
    owner.announce();
    other.announce({ pool: "gpu" });
    const answers = [t.client.model("echo").infer(inputs), t.client.model("echo").infer(inputs)];
    const otherAnswer = t.client.model("other").infer(inputs);
    await t.clock.advance(2100);
    owner.announce({ epoch: 2, owner: "d2", state: "taken" });
    owner.announce({ epoch: 2, owner: "d2", state: "taken" });
    const again = [await owner.request(2), await owner.request(3)];
    await t.clock.settle();
    expect(owner.requests).toHaveLength(4);
    expect(other.requests).toHaveLength(1);
    expect(again.map(({ id }) => id)).toEqual(owner.requests.slice(0, 2).map(({ id }) => id));
    expect(again.map(({ queuedMs }) => queuedMs)).toEqual([2100, 2100]);
    expect(t.events.all).toEqual([{ type: "resent", model: "echo", reason: "ownerLost", requestCount: 2 }]);
    for (const request of again) owner.answer(request, { epoch: 2 });
    other.answer(await other.request(0));
    await Promise.all([...answers, otherAnswer]);
  });

  test("sends again what went to an owner that was lost before it was heard of", async () => {
    await using t = await createTestClient();
    using owner = t.owner();
    const answer = t.client.model("echo").infer(inputs);
    const lost = await owner.request(0);
    await t.clock.advance(2200);
    owner.announce({ epoch: 2, owner: "d2", state: "taken" });
    const again = await owner.request(1);
    expect(again.id).toBe(lost.id);
    owner.answer(again, { epoch: 2 });
    await answer;
  });

  test("ends what was sent when there are no retries, and cancels its run", async () => {
    await using t = await createTestClient({ retries: 0 });
    using owner = t.owner();
    owner.announce();
    const model = t.client.model("echo");
    const stream = model.stream(inputs);
    await t.clock.advance(listenMs);
    const first = stream.next();
    const begun = await owner.request(0);
    owner.answer(begun, { frame: 0, final: false });
    await first;
    const rest = expect(stream.next()).rejects.toMatchObject({ code: "aborted" });
    const details = { reason: "ownerLost" };
    const answer = expect(model.infer(inputs)).rejects.toMatchObject({ code: "unavailable", details });
    const lost = await owner.request(1);
    owner.announce({ epoch: 2, owner: "d2", state: "taken" });
    await t.clock.settle();
    expect(owner.requests).toHaveLength(2);
    expect(owner.controls).toEqual([{ kind: "control", cancel: [begun.id, lost.id], windows: [] }]);
    await Promise.all([rest, answer]);
  });

  test("sends a stream that has begun again with all of its timeout, which was for its first frame", async () => {
    await using t = await createTestClient();
    using owner = t.owner();
    owner.announce();
    const stream = t.client.model("echo").stream(inputs, { timeoutMs: 1000 });
    const first = stream.next();
    owner.answer(await owner.request(0), { frame: 0, final: false });
    await first;
    await t.clock.advance(5000);
    owner.announce({ epoch: 2, owner: "d2", state: "taken" });
    const { timeoutMs, queuedMs } = await owner.request(1);
    expect({ timeoutMs, queuedMs }).toEqual({ timeoutMs: 1000, queuedMs: 0 });
    await stream.return();
  });

  test("says again what was cancelled before: the owner that was lost may have been lost with it", async () => {
    await using t = await createTestClient();
    using owner = t.owner();
    owner.announce();
    const stream = t.client.model("echo").stream(inputs);
    const first = stream.next();
    const begun = await owner.request(0);
    owner.answer(begun, { frame: 0, final: false });
    await first;
    await stream.return();
    await t.clock.advance(2100);
    const cancellation = { kind: "control", cancel: [begun.id], windows: [] };
    expect(owner.controls).toEqual([cancellation]);
    owner.announce({ epoch: 2, owner: "d2", state: "taken" });
    await t.clock.settle();
    expect(owner.controls).toEqual([cancellation, cancellation]);
  });

  test("sends nothing again after a hand-over", async () => {
    await using t = await createTestClient();
    using owner = t.owner();
    owner.announce();
    const answer = t.client.model("echo").infer(inputs);
    const request = await owner.request(0);
    owner.announce({ epoch: 2, owner: "d2", state: "handedOver" });
    await t.clock.settle();
    expect(owner.requests).toHaveLength(1);
    owner.answer(request);
    await answer;
  });

  test("sends open requests again when an owner was skipped", async () => {
    await using t = await createTestClient();
    using owner = t.owner();
    owner.announce();
    const answer = t.client.model("echo").infer(inputs);
    await owner.request(0);
    owner.announce({ epoch: 3, owner: "d3", state: "handedOver", models: [] });
    owner.answer(await owner.request(1));
    await answer;
  });

  test("sends nothing again for a pool that it hears for the first time", async () => {
    await using t = await createTestClient();
    using owner = t.owner();
    const answer = t.client.model("echo").infer(inputs);
    const request = await owner.request(0);
    owner.announce({ epoch: 7, state: "taken" });
    await t.clock.settle();
    expect(owner.requests).toHaveLength(1);
    owner.answer(request);
    await answer;
  });
});

describe("reconnection", () => {
  test("ends nothing that may be with a new owner, of whom it hears only now, without retries", async () => {
    await using t = await createTestClient({ retries: 0 });
    using owner = t.owner();
    owner.announce();
    await t.clock.advance(listenMs);
    t.nats.disconnect(t.messaging);
    await t.clock.advance(1000);
    t.nats.reconnect(t.messaging);
    const answer = t.client.model("echo").infer(inputs);
    const request = await owner.request(0);
    owner.announce({ epoch: 2, owner: "d2", state: "taken" });
    await t.clock.settle();
    expect(owner.controls).toEqual([]);
    owner.answer(request);
    await answer;
  });

  test("sends requests whose answer may have passed again under new ids and cancels the old ones", async () => {
    await using t = await createTestClient();
    using owner = t.owner();
    const answer = t.client.model("echo").infer(inputs);
    const lost = await owner.request(0);
    t.nats.disconnect(t.messaging);
    owner.answer(lost);
    await t.clock.advance(10);
    const meanwhile = t.client.model("echo").infer(inputs);
    await t.clock.advance(10);
    t.nats.reconnect(t.messaging);
    const kept = await owner.request(1);
    const again = await owner.request(2);
    expect(again.id).not.toBe(lost.id);
    await t.clock.settle();
    expect(owner.requests).toHaveLength(3);
    expect(owner.controls).toEqual([{ kind: "control", cancel: [lost.id], windows: [] }]);
    owner.answer(kept);
    owner.answer(again);
    await expect(answer).resolves.toMatchObject({ id: again.id });
    await expect(meanwhile).resolves.toMatchObject({ id: kept.id });
  });

  test("says a cancellation again that reached nobody, when the pool announces itself, and not once more", async () => {
    await using t = await createTestClient();
    using before = t.owner();
    const stream = t.client.model("echo").stream(inputs);
    const first = stream.next();
    const begun = await before.request(0);
    before.answer(begun, { frame: 0, final: false });
    await first;
    t.nats.disconnect(t.messaging);
    await expect(stream.next()).rejects.toMatchObject({ code: "aborted" });
    before[Symbol.dispose]();
    t.nats.reconnect(t.messaging);
    await t.clock.advance(1000);
    using owner = t.owner();
    owner.announce();
    owner.announce();
    await t.clock.settle();
    expect(owner.controls).toEqual([{ kind: "control", cancel: [begun.id], windows: [] }]);
  });

  test("tells how many requests were sent again, without those that left only then", async () => {
    await using t = await createTestClient();
    using owner = t.owner({ onRequest: (request, stub) => stub.answer(request) });
    t.nats.disconnect(t.messaging);
    await t.clock.advance(10);
    const meanwhile = t.client.model("echo").infer(inputs);
    await t.clock.advance(10);
    t.nats.reconnect(t.messaging);
    await meanwhile;
    expect(owner.requests).toHaveLength(1);
    expect(t.events.count("resent")).toBe(0);
  });

  test("starts a stream again of which frames had come that nobody had read", async () => {
    await using t = await createTestClient();
    using owner = t.owner();
    const stream = t.client.model("echo").stream(inputs);
    const first = stream.next();
    const lost = await owner.request(0);
    owner.answer(lost, { frame: 1, final: false });
    await t.clock.settle();
    t.nats.disconnect(t.messaging);
    await t.clock.advance(20_000);
    t.nats.reconnect(t.messaging);
    owner.answer(await owner.request(1));
    await expect(first).resolves.toMatchObject({ value: { frame: 0, final: true } });
  });
});

describe("a lost connection", () => {
  test("that comes back to a server that takes less has calls of meanwhile cut anew, and refuses what fits nowhere", async () => {
    await using t = await createTestClient();
    using owner = t.owner({ onRequest: (request, stub) => stub.answer(request) });
    const model = t.client.model("echo");
    const ofBytes = (bytes: number) => ({ x: { data: new Uint8Array(bytes), shape: [1, bytes] } });
    t.nats.disconnect(t.messaging);
    await t.clock.advance(10);
    const answers = [model.infer(ofBytes(2000)), model.infer(ofBytes(2000))];
    const refused = expect(model.infer(ofBytes(9000))).rejects.toMatchObject({
      code: "resourceExhausted",
      details: { limit: "maxPayloadBytes", value: 4096 },
    });
    await t.clock.advance(10);
    t.nats.setMaxPayloadBytes(4096);
    t.nats.reconnect(t.messaging);
    await refused;
    await Promise.all(answers);
    expect(owner.packSizes).toEqual([1, 1]);
  });

  test.each([0, 2])(
    "ends a stream that has begun at once, however long it lasts, with %i retries",
    async (retries) => {
      await using t = await createTestClient({ retries });
      using owner = t.owner();
      const stream = t.client.model("echo").stream(inputs);
      const first = stream.next();
      const begun = await owner.request(0);
      owner.answer(begun, { frame: 0, final: false });
      await first;
      const rest = expect(stream.next()).rejects.toMatchObject({ code: "aborted" });
      t.nats.disconnect(t.messaging);
      await rest;
      await t.clock.advance(10);
      t.nats.reconnect(t.messaging);
      await t.clock.settle();
      expect(owner.requests).toHaveLength(1);
      expect(owner.controls).toEqual([{ kind: "control", cancel: [begun.id], windows: [] }]);
    },
  );

  test.each(["infer", "stream"] as const)(
    "is the reason of %s() whose time is over meanwhile",
    async (method) => {
      await using t = await createTestClient();
      using owner = t.owner();
      const model = t.client.model("echo");
      const options = { timeoutMs: 1000 };
      const answer = method === "infer" ? model.infer(inputs, options) : model.stream(inputs, options).next();
      const rejected = expect(answer).rejects.toMatchObject({
        code: "unavailable",
        message: "no answer within 1000 ms: the connection to NATS is lost",
        details: { reason: "disconnected" },
      });
      await owner.request(0);
      t.nats.disconnect(t.messaging);
      await t.clock.advance(1000);
      await rejected;
    },
  );
});
