import type { AdmittedRequest, Frame } from "@sluice/protocol";
import { typedArrayOf } from "@sluice/protocol";
import { describe, expect, test } from "vitest";

import { aRowRequest, startWorkerFixture } from "./fixtures/worker-fixture.ts";

/** A request of `items` rows of two numbers, all different. */
function aLargeRequest(id: string, items: number, fields: Partial<AdmittedRequest> = {}): AdmittedRequest {
  const numbers = Float32Array.from({ length: 2 * items }, (_, index) => index);
  return aRowRequest(id, {
    items,
    inputs: [{ name: "input", datatype: "FP32", shape: [items, 2] }],
    body: [new Uint8Array(numbers.buffer)],
    ...fields,
  });
}

function numbersOf({ outputs, body }: Frame): number[] {
  const [layout] = outputs;
  const [bytes] = body;
  if (layout === undefined || bytes === undefined) throw new Error("the frame has no output");
  return Array.from(typedArrayOf({ ...layout, bytes }), Number);
}

/** The model joins up to 8 rows; a run takes 10 ms. */
describe("a request of more items than a run", () => {
  test("is answered with one result, its rows in their order", async () => {
    await using fixture = await startWorkerFixture();
    const { owner, results, clock, events } = fixture;
    owner.grant([aLargeRequest("r1", 20)]);
    await clock.advance(31);
    expect(events.count("engineRan")).toBe(3);
    expect(results.frames).toMatchObject([{ id: "r1", code: "ok", final: true }]);
    expect(results.frames[0]?.outputs[0]?.shape).toEqual([20, 2]);
    expect(results.frames.flatMap(numbersOf)).toEqual(Array.from({ length: 40 }, (_, index) => index));
    expect(results.frames[0]?.timings).toMatchObject({ batchMs: 0, inferenceMs: 30, totalMs: 30 });
  });

  test("costs what all its runs cost", async () => {
    await using fixture = await startWorkerFixture();
    const { owner, clock } = fixture;
    owner.grant([aLargeRequest("r1", 20)]);
    await clock.advance(60);
    expect(owner.reports().get("b1")).toMatchObject({ batchId: "b1", costMs: 30, returned: [], failed: [] });
  });

  test("does not run on once it was cancelled", async () => {
    await using fixture = await startWorkerFixture({ alphaMs: 100 });
    const { owner, results, clock, events } = fixture;
    owner.grant([aLargeRequest("r1", 32)]);
    await clock.advance(150);
    owner.control("echo", { cancel: ["r1"] });
    await clock.advance(300);
    expect(events.count("engineRan")).toBe(2);
    expect(results.frames).toMatchObject([{ id: "r1", code: "canceled" }]);
  });

  test("does not run on when it cannot be answered in time any more", async () => {
    await using fixture = await startWorkerFixture();
    const { owner, results, clock, events } = fixture;
    owner.grant([aLargeRequest("r1", 32, { timeoutMs: 25 })]);
    await clock.advance(60);
    expect(events.count("engineRan")).toBe(2);
    expect(results.frames).toMatchObject([{ id: "r1", code: "deadlineExceeded" }]);
    expect(owner.reports().get("b1")).toMatchObject({ costMs: 20, returned: [], unrun: [] });
  });

  test("is given back whole when the worker stops in its midst", async () => {
    await using fixture = await startWorkerFixture({ environment: { SLUICE_GRACE_MS: "5" } });
    const { owner, results, clock, running } = fixture;
    owner.grant([aLargeRequest("r1", 32)]);
    await clock.settle();
    fixture.stop();
    await clock.advance(45);
    await running;
    expect(results.frames).toEqual([]);
    expect(owner.reports().get("b1")).toMatchObject({
      batchId: "b1",
      costMs: 10,
      returned: [{ id: "r1" }],
      failed: [],
    });
  });

  test("is told the error of the run that failed, and runs no further than the engine was given", async () => {
    await using fixture = await startWorkerFixture();
    const { owner, results, clock, engines, events } = fixture;
    owner.grant([aLargeRequest("r1", 32)]);
    await clock.advance(5);
    // The first run has taken its outcome already; the second fails when the engine has the third.
    engines[0]?.control.failNext(1);
    await clock.advance(45);
    expect(events.count("engineRan")).toBe(2);
    expect(results.frames).toMatchObject([{ id: "r1", code: "internal" }]);
  });

  test("is refused where it has more items than a request may have", async () => {
    await using fixture = await startWorkerFixture();
    const { owner, results, clock } = fixture;
    owner.grant([aLargeRequest("r1", 33)]);
    await clock.advance(11);
    expect(results.frames).toMatchObject([{ id: "r1", code: "invalidArgument" }]);
    expect(results.frames[0]?.message).toContain("33 items, expected at most 32");
  });
});

describe("a batch that takes longer than expected", () => {
  const wide = {
    inputs: [{ name: "input", datatype: "FP32" as const, shape: [1, 3] }],
    body: [new Uint8Array(12)],
  };

  test("runs what is most urgent first", async () => {
    await using fixture = await startWorkerFixture();
    const { owner, results, clock } = fixture;
    owner.grant([
      aRowRequest("calm", { timeoutMs: 1000 }),
      aRowRequest("urgent", { ...wide, timeoutMs: 100 }),
    ]);
    await clock.advance(25);
    expect(results.frames.map(({ id }) => id)).toEqual(["urgent", "calm"]);
  });

  test("gives back what would be answered too late, unrun", async () => {
    await using fixture = await startWorkerFixture();
    const { owner, results, clock, events } = fixture;
    owner.grant([aRowRequest("r1")]);
    await clock.advance(12);
    owner.grant([aRowRequest("r2", { timeoutMs: 15 }), aRowRequest("r3", { ...wide, timeoutMs: 15 })]);
    await clock.advance(40);
    expect(events.count("engineRan")).toBe(2);
    expect(results.frames.map(({ id, code }) => [id, code])).toEqual([
      ["r1", "ok"],
      ["r2", "ok"],
    ]);
    expect(owner.reports().get("b2")).toMatchObject({
      batchId: "b2",
      costMs: 10,
      returned: [{ id: "r3" }],
      failed: [],
    });
  });

  test("gives back from its first run what would be too late, as long as something is left of it", async () => {
    await using fixture = await startWorkerFixture();
    const { owner, results, clock } = fixture;
    owner.grant([aRowRequest("r1")]);
    await clock.advance(12);
    owner.grant([aRowRequest("r2", { timeoutMs: 5 }), aRowRequest("r3", { timeoutMs: 50 })]);
    await clock.advance(40);
    expect(results.frames.map(({ id }) => id)).toEqual(["r1", "r3"]);
    expect(owner.reports().get("b2")).toMatchObject({ returned: [{ id: "r2" }] });
  });

  test("starts with a first run whatever is expected of it, so that expectations are corrected", async () => {
    await using fixture = await startWorkerFixture();
    const { owner, results, clock } = fixture;
    owner.grant([aRowRequest("r1")]);
    await clock.advance(12);
    owner.grant([aRowRequest("r2", { timeoutMs: 5 })]);
    await clock.advance(12);
    expect(results.frames.map(({ id, code }) => [id, code])).toEqual([
      ["r1", "ok"],
      ["r2", "ok"],
    ]);
  });
});
