import { batchingDefaults, typedArrayOf } from "@sluice/protocol";
import { describe, expect, test } from "vitest";

import { aRowRequest, startWorkerFixture } from "./fixtures/worker-fixture.ts";

describe("startServing()", () => {
  test("runs a batch in one engine run and answers each request its own rows", async () => {
    await using fixture = await startWorkerFixture();
    const { owner, results, clock, events } = fixture;
    const body = (value: number): Uint8Array[] => [new Uint8Array(Float32Array.of(value, value).buffer)];
    owner.grant([1, 2, 3].map((value) => aRowRequest(`r${value}`, { body: body(value), queuedMs: 5 })));
    await clock.advance(11);
    expect(events.count("engineRan")).toBe(1);
    expect(results.subjects).toEqual(["sluice.v1.results"]);
    expect(results.frames.map(({ id, code, final, frame }) => ({ id, code, final, frame }))).toEqual(
      ["r1", "r2", "r3"].map((id) => ({ id, code: "ok", final: true, frame: 0 })),
    );
    const answers = results.frames.map(({ outputs, body }) =>
      typedArrayOf({
        name: "",
        datatype: "FP32",
        shape: outputs[0]?.shape ?? [],
        bytes: body[0] ?? new Uint8Array(),
      }),
    );
    expect(answers.map((answer) => [...answer])).toEqual([
      [1, 1],
      [2, 2],
      [3, 3],
    ]);
    expect(results.frames[0]?.timings).toEqual({
      queuedMs: 5,
      batchMs: 0,
      transferMs: 0,
      inferenceMs: 10,
      totalMs: 15,
    });
  });

  test.each([
    { preserveOrdering: false, order: ["a", "c", "b"], packCount: 2 },
    { preserveOrdering: true, order: ["a", "b", "c"], packCount: 1 },
  ])("answers runs of a batch as they end, or in order: $preserveOrdering", async (example) => {
    const { preserveOrdering, order, packCount } = example;
    const batching = { ...batchingDefaults, preserveOrdering };
    await using fixture = await startWorkerFixture({ models: [{ batching }] });
    const { owner, results, clock } = fixture;
    const wide = { inputs: [{ name: "input", datatype: "FP32", shape: [1, 3] } as const] };
    const body = [new Uint8Array(12)];
    owner.grant([aRowRequest("a"), aRowRequest("b", { ...wide, body }), aRowRequest("c")]);
    await clock.advance(30);
    expect(results.frames.map(({ id }) => id)).toEqual(order);
    expect(results.subjects).toHaveLength(packCount);
  });

  test("reports a batch once its results were acknowledged", async () => {
    await using fixture = await startWorkerFixture();
    const { owner, results, clock } = fixture;
    results.isSilent = true;
    owner.grant([aRowRequest("r1")]);
    await clock.advance(200);
    expect(owner.reports().has("b1")).toBe(false);
    results.isSilent = false;
    await clock.advance(300);
    expect(owner.reports().get("b1")).toMatchObject({ batchId: "b1", costMs: 10, returned: [], failed: [] });
  });

  test("sends frames again when no acknowledgement comes in 250 ms", async () => {
    await using fixture = await startWorkerFixture();
    const { owner, results, clock, events } = fixture;
    results.isSilent = true;
    owner.grant([aRowRequest("r1")]);
    await clock.advance(10 + 250);
    results.isSilent = false;
    await clock.advance(250);
    expect(results.subjects).toHaveLength(3);
    expect(results.frames).toHaveLength(1);
    expect(await events.next("packDelivered")).toMatchObject({ attemptCount: 3 });
  });

  test("gives requests back whose results nobody took for 10 s", async () => {
    await using fixture = await startWorkerFixture();
    const { owner, results, clock, events } = fixture;
    results.leave();
    owner.grant([aRowRequest("r1")]);
    await clock.advance(10_200);
    expect(events.count("packLost")).toBe(1);
    expect(owner.reports().get("b1")).toMatchObject({ returned: [{ id: "r1" }] });
  });

  test("answers an expired request without running it", async () => {
    await using fixture = await startWorkerFixture();
    const { owner, results, clock, events } = fixture;
    owner.grant([aRowRequest("late", { timeoutMs: 100, queuedMs: 100 }), aRowRequest("r1")]);
    await clock.advance(11);
    expect(await events.next("engineRan")).toMatchObject({ requestCount: 1 });
    expect(results.frames.map(({ id, code }) => [id, code])).toEqual([
      ["late", "deadlineExceeded"],
      ["r1", "ok"],
    ]);
    await clock.advance(20);
    expect(owner.reports().get("b1")).toMatchObject({ costMs: 10, unrun: [{ id: "late" }], returned: [] });
  });

  test("counts the time a batch waits here against the timeout", async () => {
    await using fixture = await startWorkerFixture();
    const { owner, results, clock } = fixture;
    owner.grant([aRowRequest("r1")]);
    await clock.advance(10);
    owner.grant([aRowRequest("r2")]);
    await clock.advance(9.5);
    // The second run is about to end: a batch is prefetched and waits for it.
    owner.grant([aRowRequest("r3", { timeoutMs: 1000, queuedMs: 999.8 })]);
    await clock.advance(20);
    expect(results.frames.find(({ id }) => id === "r3")).toMatchObject({ code: "deadlineExceeded" });
  });

  test("leaves a cancelled request out", async () => {
    await using fixture = await startWorkerFixture({
      models: [{ name: "echo" }, { name: "other" }],
      environment: { SLUICE_SLOTS: "1" },
    });
    const { owner, results, clock, engines } = fixture;
    owner.grant([aRowRequest("r1")]);
    await clock.advance(10);
    engines[0]?.control.hold();
    owner.grant([aRowRequest("r2")]);
    await clock.advance(9.5);
    owner.grant([aRowRequest("r3"), aRowRequest("r4")], { model: "other" });
    await clock.settle();
    owner.control("other", { cancel: ["r4"] });
    await clock.settle();
    engines[0]?.control.release();
    await clock.advance(20);
    expect(results.frames.map(({ id, code }) => [id, code])).toEqual([
      ["r1", "ok"],
      ["r2", "ok"],
      ["r4", "canceled"],
      ["r3", "ok"],
    ]);
    await clock.advance(20);
    expect(owner.reports().get("b3")).toMatchObject({ costMs: 10, unrun: [{ id: "r4" }] });
  });

  test("counts what was run for requests that were cancelled or expired meanwhile", async () => {
    await using fixture = await startWorkerFixture();
    const { owner, clock, events } = fixture;
    owner.grant([
      aRowRequest("r1"),
      aRowRequest("r2"),
      aRowRequest("r3"),
      aRowRequest("r4", { timeoutMs: 5 }),
    ]);
    await clock.advance(2);
    owner.control("echo", { cancel: ["r2"] });
    await clock.advance(100);
    expect(events.all.filter(({ type }) => type === "uselessRun")).toEqual([
      { type: "uselessRun", model: "echo", reason: "canceled", requestCount: 1, costMs: 2.5 },
      { type: "uselessRun", model: "echo", reason: "late", requestCount: 1, costMs: 2.5 },
    ]);
    expect(owner.reports().get("b1")).toMatchObject({ costMs: 10, uselessMs: 5 });
  });

  test("reports a failed run of several requests as failed, without an answer", async () => {
    await using fixture = await startWorkerFixture();
    const { owner, results, clock, engines } = fixture;
    engines[0]?.control.failNext(1);
    owner.grant([aRowRequest("r1"), aRowRequest("r2")]);
    await clock.advance(40);
    expect(results.frames).toEqual([]);
    expect(owner.reports().get("b1")).toMatchObject({ returned: [], failed: [{ id: "r1" }, { id: "r2" }] });
  });

  test("answers a failed run of one request with its error", async () => {
    await using fixture = await startWorkerFixture();
    const { owner, results, clock, engines } = fixture;
    engines[0]?.control.failNext(1);
    owner.grant([aRowRequest("r1")]);
    await clock.advance(40);
    expect(results.frames).toMatchObject([{ id: "r1", code: "internal", final: true }]);
    expect(owner.reports().get("b1")).toMatchObject({ returned: [], failed: [], unrun: [] });
  });

  test("refuses a request that does not fit, without hurting its mates", async () => {
    await using fixture = await startWorkerFixture();
    const { owner, results, clock } = fixture;
    const wrong = aRowRequest("wrong", { inputs: [{ name: "input", datatype: "FP32", shape: [1, 3] }] });
    owner.grant([wrong, aRowRequest("r1")]);
    await clock.advance(11);
    expect(results.frames.map(({ id, code }) => [id, code])).toEqual([
      ["wrong", "invalidArgument"],
      ["r1", "ok"],
    ]);
  });

  test("runs requests of different shapes in different runs", async () => {
    await using fixture = await startWorkerFixture();
    const { owner, clock, events } = fixture;
    const wide = {
      inputs: [{ name: "input", datatype: "FP32" as const, shape: [1, 3] }],
      body: [new Uint8Array(12)],
    };
    owner.grant([aRowRequest("r1"), aRowRequest("r2", wide), aRowRequest("r3")]);
    await clock.advance(25);
    expect(await events.next("engineRan")).toMatchObject({ requestCount: 2 });
    expect(await events.next("engineRan")).toMatchObject({ requestCount: 1 });
  });

  test("answers with the error when a result fits no message", async () => {
    await using fixture = await startWorkerFixture({ maxPayloadBytes: 4096 });
    const { owner, results, clock } = fixture;
    const layout = { name: "input", datatype: "FP32" as const, shape: [1, 720] };
    owner.grant([aRowRequest("r1", { inputs: [layout], body: [new Uint8Array(4 * 720)] })]);
    await clock.advance(11);
    const details = { limit: "maxPayloadBytes", value: 4096 };
    expect(results.frames).toMatchObject([{ id: "r1", code: "resourceExhausted", details, outputs: [] }]);
    expect(results.frames[0]?.message).toContain("at most 4096");
  });

  test("ignores a batch that comes twice", async () => {
    await using fixture = await startWorkerFixture();
    const { owner, results, clock, events } = fixture;
    const { creditId } = owner.lastOffer();
    owner.grant([aRowRequest("r1")], { batchId: "b", creditId });
    owner.grant([aRowRequest("r1")], { batchId: "b", creditId });
    await clock.advance(40);
    expect(results.frames).toHaveLength(1);
    expect(owner.refusals).toEqual([]);
    expect(events.count("batchRepeated")).toBe(1);
  });

  test.each([
    ["of an older epoch", { epoch: 1 }, "epoch 1 is over"],
    ["for a model it does not serve", { epoch: 2, model: "other" }, "does not serve other"],
    ["that answers no open credit", { epoch: 2, creditId: "nobody" }, "credit nobody is not open"],
  ])("refuses a batch %s, and sends its credits again", async (_, fields, reason) => {
    await using fixture = await startWorkerFixture();
    const { owner, clock } = fixture;
    owner.announce({ epoch: 2 });
    await clock.settle();
    const sent = owner.credits.length;
    owner.grant([aRowRequest("r1")], fields);
    await clock.settle();
    expect(owner.refusals).toMatchObject([{ batchId: "b1" }]);
    expect(owner.refusals[0]?.reason).toContain(reason);
    expect(owner.credits.length).toBe(sent + 1);
  });
});
