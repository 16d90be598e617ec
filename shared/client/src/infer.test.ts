import { describe, expect, test } from "vitest";
import { maxPackRows, tensorOf } from "@sluice/protocol";
import { createTestClient } from "./test-client.fixture.ts";

const inputs = { x: { data: Float32Array.of(1, 2), shape: [1, 2] } };

describe("infer()", () => {
  test("resolves with the outputs, the version and the time the caller saw", async () => {
    await using t = await createTestClient();
    using owner = t.owner();
    const answer = t.client.model("echo").infer(inputs, { metadata: { page: "home" }, outputs: ["y"] });
    const request = await owner.request(0);
    expect(request).toMatchObject({
      inputs: [{ name: "x", datatype: "FP32", shape: [1, 2] }],
      outputs: ["y"],
      metadata: { page: "home" },
      timeoutMs: 0,
      queuedMs: 0,
      stream: false,
    });
    await t.clock.advance(25);
    owner.answer(request);
    const result = await answer;
    expect(result).toMatchObject({ id: request.id, model: "echo", version: "1" });
    expect(result.timings.totalMs).toBe(25);
    expect(result.outputs["y"]?.values()).toEqual(Float32Array.of(1, 2));
    expect(result.outputs["y"]?.shape).toEqual([1, 2]);
  });

  test("sends the calls of one tick for one model in one message", async () => {
    await using t = await createTestClient();
    using echo = t.owner({ onRequest: (request, owner) => owner.answer(request) });
    using other = t.owner({ model: "other", onRequest: (request, owner) => owner.answer(request) });
    const model = t.client.model("echo");
    await Promise.all([
      ...Array.from({ length: 20 }, () => model.infer(inputs)),
      t.client.model("other").infer(inputs),
    ]);
    expect(echo.packSizes).toEqual([20]);
    expect(other.packSizes).toEqual([1]);
  });

  test("cuts what is sent together at the largest payload", async () => {
    await using t = await createTestClient({ maxPayloadBytes: 4096 });
    using owner = t.owner({ onRequest: (request, stub) => stub.answer(request) });
    const row = { x: new Float32Array(256) };
    await Promise.all(Array.from({ length: 5 }, () => t.client.model("echo").infer(row)));
    expect(owner.packSizes.length).toBeGreaterThan(1);
    expect(owner.packSizes.reduce((sum, size) => sum + size, 0)).toBe(5);
  });

  test("answers more calls of one tick than a pack may have rows", async () => {
    await using t = await createTestClient({ maxPayloadBytes: 2 ** 26, throttle: false });
    using owner = t.owner({ onRequest: (request, stub) => stub.answer(request) });
    const model = t.client.model("echo");
    const callCount = maxPackRows + 1;
    const results = await Promise.all(Array.from({ length: callCount }, () => model.infer(inputs)));
    expect(results).toHaveLength(callCount);
    expect(Math.max(...owner.packSizes)).toBeLessThanOrEqual(4096);
  });

  test("refuses a request that fits no message with resourceExhausted and sends the others", async () => {
    await using t = await createTestClient({ maxPayloadBytes: 4096 });
    using _owner = t.owner({ onRequest: (request, stub) => stub.answer(request) });
    const model = t.client.model("echo");
    const tooLarge = model.infer({ x: new Float32Array(2000) });
    const small = model.infer(inputs);
    await expect(tooLarge).rejects.toMatchObject({
      code: "resourceExhausted",
      details: { limit: "maxPayloadBytes", value: 4096, actual: expect.any(Number) },
    });
    await expect(small).resolves.toMatchObject({ model: "echo" });
  });

  test("rejects with the code, the details and the wait of an error frame", async () => {
    await using t = await createTestClient();
    using _owner = t.owner({
      onRequest: (request, stub) =>
        stub.answer(request, {
          code: "resourceExhausted",
          message: "the quota is used up",
          retryAfterMs: 700,
          details: { quota: "rate" },
          outputs: [],
          body: [],
        }),
    });
    await expect(t.client.model("echo").infer(inputs)).rejects.toMatchObject({
      code: "resourceExhausted",
      message: "the quota is used up",
      retryAfterMs: 700,
      details: { quota: "rate" },
    });
  });

  test("takes the first final frame and drops the later ones", async () => {
    await using t = await createTestClient();
    using owner = t.owner();
    const answer = t.client.model("echo").infer(inputs);
    const request = await owner.request(0);
    owner.answer(request, { attempt: 1 });
    owner.answer(request, { attempt: 0, parameters: { late: true } });
    expect((await answer).parameters).toEqual({});
    await expect(t.events.next("frameIgnored")).resolves.toMatchObject({ id: request.id, reason: "ended" });
  });

  test("rejects with deadlineExceeded at the deadline and leaves no timer", async () => {
    await using t = await createTestClient();
    using owner = t.owner();
    const answer = t.client.model("echo").infer(inputs, { timeoutMs: 100 });
    const rejected = expect(answer).rejects.toMatchObject({ code: "deadlineExceeded" });
    await owner.request(0);
    await t.clock.advance(99);
    expect(t.events.all).toEqual([]);
    await t.clock.advance(1);
    await rejected;
    expect(t.clock.pending).toBe(0);
  });

  test("keeps one timer for all calls", async () => {
    await using t = await createTestClient();
    using _owner = t.owner();
    const model = t.client.model("echo");
    const calls = Array.from({ length: 50 }, (_, index) => model.infer(inputs, { timeoutMs: 100 + index }));
    await t.clock.settle();
    expect(t.clock.pending).toBe(1);
    const outcomes = Promise.allSettled(calls);
    await t.clock.advance(200);
    expect((await outcomes).every(({ status }) => status === "rejected")).toBe(true);
  });

  test("rejects with canceled when the signal aborts and tells the owner", async () => {
    await using t = await createTestClient();
    using owner = t.owner();
    const controller = new AbortController();
    const answer = t.client.model("echo").infer(inputs, { signal: controller.signal });
    const { id } = await owner.request(0);
    controller.abort(new Error("the page was left"));
    await expect(answer).rejects.toMatchObject({ code: "canceled", cause: { message: "the page was left" } });
    await t.clock.settle();
    expect(owner.controls).toEqual([{ kind: "control", cancel: [id], windows: [] }]);
  });

  test("does not send a call whose signal has aborted before", async () => {
    await using t = await createTestClient();
    using owner = t.owner();
    const signal = AbortSignal.abort();
    await expect(t.client.model("echo").infer(inputs, { signal })).rejects.toMatchObject({
      code: "canceled",
    });
    await t.clock.settle();
    expect(owner.requests).toEqual([]);
    expect(owner.controls).toEqual([]);
  });

  test("drops a message that it cannot read and goes on", async () => {
    await using t = await createTestClient();
    using owner = t.owner();
    const answer = t.client.model("echo").infer(inputs);
    const request = await owner.request(0);
    owner.messaging.publish(request.reply, Uint8Array.of(0xc1));
    owner.answer(request);
    await expect(answer).resolves.toMatchObject({ id: request.id });
    expect(t.events.count("messageIgnored")).toBe(1);
  });

  test("cuts an answer into its outputs, whatever their names and lengths", async () => {
    await using t = await createTestClient();
    using _owner = t.owner({
      onRequest(request, stub) {
        const flag = tensorOf("flag", Uint8Array.of(1));
        const label = tensorOf("label", ["hé", ""]);
        const score = tensorOf("score", Float64Array.of(0.5, -2), [2, 1]);
        const tensors = [flag, label, score];
        stub.answer(request, {
          outputs: tensors.map(({ name, datatype, shape }) => ({ name, datatype, shape })),
          body: tensors.map(({ bytes }) => bytes),
        });
      },
    });
    const { outputs } = await t.client.model("echo").infer(inputs);
    expect(Object.keys(outputs)).toEqual(["flag", "label", "score"]);
    expect(outputs["flag"]?.values()).toEqual(Uint8Array.of(1));
    expect(outputs["label"]?.strings()).toEqual(["hé", ""]);
    expect(outputs["score"]?.values()).toEqual(Float64Array.of(0.5, -2));
  });

  test("rejects with internal when the body of the answer does not fit its layouts", async () => {
    await using t = await createTestClient();
    using _owner = t.owner({
      onRequest: (request, stub) => stub.answer(request, { body: [new Uint8Array(3)] }),
    });
    await expect(t.client.model("echo").infer(inputs)).rejects.toMatchObject({ code: "internal" });
  });

  test("answers the other calls of the tick when the buffer of one was given away", async () => {
    await using t = await createTestClient();
    using _owner = t.owner({ onRequest: (request, stub) => stub.answer(request) });
    const model = t.client.model("echo");
    const first = model.infer(inputs);
    const array = Float32Array.of(1, 2);
    const robbed = model.infer({ x: array });
    structuredClone(array.buffer, { transfer: [array.buffer] });
    const last = model.infer(inputs);
    await expect(robbed).rejects.toMatchObject({
      code: "invalidArgument",
      message: expect.stringContaining("was given away before it was sent"),
    });
    await expect(Promise.all([first, last])).resolves.toHaveLength(2);
  });

  test("answers the other calls of the tick when one is malformed", async () => {
    await using t = await createTestClient();
    using _owner = t.owner({ onRequest: (request, stub) => stub.answer(request) });
    const model = t.client.model("echo");
    const malformed = model.infer({ x: { data: Float32Array.of(1, 2), shape: [-1, -2] } });
    const wellFormed = model.infer(inputs);
    await expect(malformed).rejects.toMatchObject({
      code: "invalidArgument",
      message: '"shape of input x" is a list of 2, expected sizes from 0 on, not -1',
    });
    await expect(wellFormed).resolves.toMatchObject({ model: "echo" });
  });

  test("sends the shortest timeout as a timeout, however long calls are on their way", async () => {
    await using t = await createTestClient();
    using owner = t.owner();
    const model = t.client.model("echo");
    const answers = Array.from({ length: 32 }, () => model.infer(inputs));
    await owner.request(31);
    await t.clock.advance(3);
    for (const request of owner.requests) owner.answer(request);
    await Promise.all(answers);
    const late = expect(model.infer(inputs, { timeoutMs: 1 })).rejects.toMatchObject({
      code: "deadlineExceeded",
    });
    expect((await owner.request(32)).timeoutMs).toBeGreaterThan(0);
    await t.clock.advance(5);
    await late;
  });

  test("gives up a call whose onSent throws, and no other one", async () => {
    await using t = await createTestClient();
    using owner = t.owner();
    using _other = t.owner({ model: "other", onRequest: (request, stub) => stub.answer(request) });
    const cause = new Error("the page was left");
    const onSent = (): void => {
      throw cause;
    };
    const givenUp = t.client.model("echo").infer(inputs, { onSent });
    const answer = t.client.model("other").infer(inputs);
    await expect(givenUp).rejects.toMatchObject({ code: "canceled", cause });
    await expect(answer).resolves.toMatchObject({ model: "other" });
    await t.clock.settle();
    expect(owner.controls).toEqual([{ kind: "control", cancel: [owner.requests[0]?.id], windows: [] }]);
  });

  test("refuses a model name that cannot be part of a subject, or is none", async () => {
    await using t = await createTestClient();
    for (const name of ["a.b", "", undefined, null, 5]) {
      expect(() => Reflect.apply(t.client.model, undefined, [name])).toThrowError(
        expect.objectContaining({ code: "invalidArgument" }),
      );
    }
  });
});
