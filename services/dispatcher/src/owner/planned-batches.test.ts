import { encodeStrings } from "@sluice/protocol";
import { aSignature } from "@sluice/testing";
import { describe, expect, test } from "vitest";
import { createScene, type Scene } from "../testing/scene.ts";
import { idsOf } from "../testing/stub-worker.ts";

/** A worker that takes 20 ms and 2 ms for each item, or as long as told. */
async function createMeasuredScene(curve = { fixedMs: 20, perElementMs: 2, perPairMs: 0 }): Promise<Scene> {
  const signature = aSignature();
  const latency = { model: signature.name, curve, margin: 1, drift: 1, elementsPerByte: 0 };
  return createScene({ worker: { models: [signature], latencies: [latency] } });
}

describe("owner - planned batches", () => {
  test("gives a worker no more than ends in time, reckoning with when it is free", async () => {
    await using scene = await createMeasuredScene();
    const { cluster, worker, caller, dispatcher } = scene;
    caller.send(...Array.from({ length: 8 }, (_, index) => ({ id: `r${index}`, timeoutMs: 40 })));
    await cluster.clock.settle();
    worker.credit({ freeInMs: 8 });
    await cluster.clock.settle();
    expect(idsOf(worker.batch)).toEqual(["r0", "r1", "r2", "r3", "r4"]);
    expect(dispatcher.events.all.find(({ type }) => type === "batchSent")).toMatchObject({
      items: 5,
      reason: "deadline",
    });
  });

  test("answers a request at once whose time does not suffice, without running it", async () => {
    await using scene = await createMeasuredScene();
    const { cluster, worker, caller, dispatcher } = scene;
    caller.send({ id: "hopeless", timeoutMs: 15 }, { id: "good", timeoutMs: 1000 });
    await cluster.clock.settle();
    worker.credit();
    await cluster.clock.settle();
    expect(caller.codeOf("hopeless")).toBe("deadlineExceeded");
    expect(idsOf(worker.batch)).toEqual(["good"]);
    expect(dispatcher.events.all.find(({ type }) => type === "requestsDropped")).toMatchObject({
      model: "echo",
      cause: "late",
    });
  });

  test("runs requests again soon after a stall of messages that was longer than they may take", async () => {
    await using scene = await createMeasuredScene();
    const { cluster, worker, caller } = scene;
    const ask = async (id: string): Promise<void> => {
      caller.send({ id, timeoutMs: 100 });
      worker.credit();
      await cluster.clock.settle();
    };
    for (let stalled = 0; stalled < 8; stalled++) {
      await ask(`stalled${stalled}`);
      const { batchId } = worker.batch;
      await cluster.clock.advance(1000);
      worker.done(batchId);
      await cluster.clock.settle();
    }
    const ids = Array.from({ length: 30 }, (_, index) => `after${index * 10}ms`);
    for (const id of ids) {
      await ask(id);
      await cluster.clock.advance(10);
    }
    // The second that was noted has been halved four times: that is less than the 78 ms that a request has beside its run.
    expect(ids.find((id) => caller.codeOf(id) === undefined)).toBe("after210ms");
    expect(ids.slice(21).map((id) => caller.codeOf(id))).toEqual(Array.from({ length: 9 }, () => undefined));
  });

  test("expects of no text that it is longer than its model takes, whatever the texts before were like", async () => {
    const input = { name: "text", datatype: "BYTES", shape: [-1] } as const;
    const signature = aSignature({ forms: [{ name: "text", inputs: [input], outputs: [] }] });
    const curve = { fixedMs: 20, perElementMs: 0.5, perPairMs: 0 };
    const latency = {
      model: signature.name,
      curve,
      margin: 1,
      drift: 1,
      elementsPerByte: 3,
      maxTextLength: 128,
    };
    await using scene = await createScene({ worker: { models: [signature], latencies: [latency] } });
    const { cluster, worker, caller } = scene;
    const body = [encodeStrings(["a".repeat(500)])];
    const text = { inputs: [{ ...input, shape: [1] }], body, timeoutMs: 200 };
    caller.send({ ...text, id: "r1" }, { ...text, id: "r2" });
    await cluster.clock.settle();
    worker.credit();
    await cluster.clock.settle();
    expect(idsOf(worker.batch)).toEqual(["r1", "r2"]);
  });

  test("sends no batch of several requests with more tokens than their model allows", async () => {
    await using scene = await createScene({ worker: { models: [aSignature({ maxBatchTokens: 2 })] } });
    const { cluster, worker, caller, dispatcher } = scene;
    caller.send({ id: "r1" }, { id: "r2" }, { id: "r3" });
    await cluster.clock.settle();
    worker.credit();
    await cluster.clock.settle();
    expect(idsOf(worker.batch)).toEqual(["r1", "r2"]);
    expect(dispatcher.events.all.find(({ type }) => type === "batchSent")).toMatchObject({ reason: "cap" });
  });

  test("fills batches of a model that its worker has not measured", async () => {
    await using scene = await createScene();
    const { cluster, worker, caller } = scene;
    caller.send(...Array.from({ length: 3 }, (_, index) => ({ id: `r${index}`, timeoutMs: 5 })));
    await cluster.clock.settle();
    worker.credit({ freeInMs: 4 });
    await cluster.clock.settle();
    expect(idsOf(worker.batch)).toEqual(["r0", "r1", "r2"]);
  });
});
