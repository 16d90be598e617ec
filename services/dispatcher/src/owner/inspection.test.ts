import {
  decodeInspectAnswer,
  encodeInspectQuestion,
  subjects,
  type InspectAnswer,
  type InspectQuestion,
  type PoolReport,
  type RequestReport,
} from "@sluice/protocol";
import { aSignature } from "@sluice/testing";
import { describe, expect, test } from "vitest";
import { createScene, type Scene } from "../testing/scene.ts";

/** Asks as a tool does. */
async function ask(scene: Scene, payload: Uint8Array): Promise<InspectAnswer> {
  const { nats, clock } = scene.cluster;
  const answered = nats.connect().request(subjects.inspect("gpu"), payload, { timeoutMs: 1000 });
  answered.catch(() => undefined);
  await clock.settle();
  return decodeInspectAnswer((await answered).payload);
}

async function askPool(scene: Scene): Promise<PoolReport> {
  const answer = await ask(scene, encodeInspectQuestion({ kind: "pool" }));
  if (answer.kind !== "pool") throw new Error("not a pool");
  return answer;
}

async function askRequest(scene: Scene, id: string, tenant?: string): Promise<RequestReport["requests"]> {
  const question: InspectQuestion = { kind: "request", id, ...(tenant !== undefined && { tenant }) };
  const answer = await ask(scene, encodeInspectQuestion(question));
  if (answer.kind !== "request") throw new Error("not a request");
  expect(answer.id).toBe(id);
  return answer.requests;
}

describe("inspection of a pool", () => {
  test("tells what waits and runs, by tenant", async () => {
    await using scene = await createScene();
    const { cluster, worker, caller } = scene;
    const other = cluster.caller({ tenant: "beta" });
    caller.send({ id: "a1" }, { id: "a2" }, { id: "a3" });
    await cluster.clock.settle();
    worker.credit({ capacity: 1 });
    await cluster.clock.advance(400);
    other.send({ id: "b1" });
    await cluster.clock.advance(100);
    const report = await askPool(scene);
    expect(report).toMatchObject({
      pool: "gpu",
      epoch: 1,
      owner: "d1",
      workerCount: 1,
      models: [{ name: "echo", workerCount: 1 }],
      queuedCount: 3,
      oldestMs: 500,
      inFlightCount: 1,
      others: { tenantCount: 0, waitingCount: 0, receivedMs: 0 },
    });
    expect(report.queuedBytes).toBeGreaterThan(0);
    expect(report.tenants).toMatchObject([
      { tenant: "acme", waitingCount: 2, oldestMs: 500, inFlightCount: 1, fairShare: 0.5, refusals: {} },
      { tenant: "beta", waitingCount: 1, oldestMs: 100, inFlightCount: 0, fairShare: 0.5, receivedMs: 0 },
    ]);
  });

  test("charges the requests of a batch by what each would take alone on that worker", async () => {
    const x = { name: "x", datatype: "FP32" as const, shape: [-1, -1] };
    const signature = aSignature({ forms: [{ name: "tensors", inputs: [x], outputs: [] }] });
    const curve = { fixedMs: 20, perElementMs: 1, perPairMs: 0 };
    const latency = { model: signature.name, curve, margin: 1.1, drift: 1, elementsPerByte: 0 };
    await using scene = await createScene({ worker: { models: [signature], latencies: [latency] } });
    const { cluster, worker, caller } = scene;
    const rowOf = (length: number) => ({
      inputs: [{ ...x, shape: [1, length] }],
      body: [new Uint8Array(4 * length)],
    });
    caller.send({ id: "a1", ...rowOf(25) });
    cluster.caller({ tenant: "beta" }).send({ id: "b1", ...rowOf(10) });
    await cluster.clock.settle();
    worker.credit();
    await cluster.clock.settle();
    worker.done(worker.batch.batchId, { costMs: 20 });
    await cluster.clock.settle();
    expect((await askPool(scene)).tenants).toMatchObject([
      { tenant: "acme", receivedMs: 12 },
      { tenant: "beta", receivedMs: 8 },
    ]);
  });

  test("tells what each received, how long it took, and what was refused", async () => {
    await using scene = await createScene();
    const { cluster, worker, caller } = scene;
    const other = cluster.caller({ tenant: "beta" });
    worker.credit();
    caller.send({ id: "a1" }, { id: "a2" });
    await cluster.clock.advance(20);
    worker.done(worker.batch.batchId, { costMs: 30 });
    worker.credit();
    other.send({ id: "b1" }, { id: "late", timeoutMs: 5, queuedMs: 5 });
    await cluster.clock.advance(10);
    worker.done(worker.batch.batchId, { costMs: 10 });
    await cluster.clock.settle();
    const [acme, beta] = (await askPool(scene)).tenants;
    expect(acme).toMatchObject({ tenant: "acme", receivedMs: 30, share: 0.75, p50Ms: 20, p99Ms: 20 });
    expect(beta).toMatchObject({ tenant: "beta", receivedMs: 10, share: 0.25, p50Ms: 10 });
    expect(acme).toMatchObject({ waitingCount: 0, inFlightCount: 0, fairShare: 0 });
    expect(beta?.refusals).toEqual({ deadlineExceeded: 1 });
  });

  test("counts as share what was received in the last ten seconds only", async () => {
    await using scene = await createScene();
    const { cluster, worker, caller } = scene;
    worker.credit();
    caller.send({ id: "a1" });
    await cluster.clock.settle();
    worker.done(worker.batch.batchId, { costMs: 500 });
    await cluster.clock.advance(12_000);
    const other = cluster.caller({ tenant: "beta" });
    worker.credit();
    other.send({ id: "b1" });
    await cluster.clock.settle();
    worker.done(worker.batch.batchId, { costMs: 10 });
    await cluster.clock.settle();
    expect((await askPool(scene)).tenants).toMatchObject([
      { tenant: "acme", receivedMs: 500, share: 0 },
      { tenant: "beta", receivedMs: 10, share: 1 },
    ]);
  });

  test("lists a hundred tenants, those with most work first, and the sum of the others", async () => {
    await using scene = await createScene();
    const { cluster } = scene;
    for (let index = 0; index < 103; index++) {
      const caller = cluster.caller({ tenant: `t${index}` });
      caller.send({ id: "r1" });
      if (index === 102) caller.send({ id: "r2" });
    }
    await cluster.clock.settle();
    const report = await askPool(scene);
    expect(report.tenants).toHaveLength(100);
    expect(report.tenants[0]).toMatchObject({ tenant: "t102", waitingCount: 2 });
    expect(report.others).toMatchObject({ tenantCount: 3, waitingCount: 3, inFlightCount: 0 });
  });

  test("is answered by nobody where nobody owns the pool", async () => {
    await using scene = await createScene();
    await scene.dispatcher.stop();
    await expect(askPool(scene)).rejects.toMatchObject({
      code: "unavailable",
      details: { reason: "noResponders" },
    });
  });

  test("is answered by the next owner after a hand-over", async () => {
    await using scene = await createScene();
    const { cluster, dispatcher, caller } = scene;
    await cluster.start("d2");
    caller.send({ id: "a1" });
    await cluster.clock.advance(5000);
    await dispatcher.stop();
    expect(await askPool(scene)).toMatchObject({ owner: "d2", epoch: 2, queuedCount: 1 });
  });

  test("answers a question it cannot read with invalidArgument", async () => {
    await using scene = await createScene();
    await expect(ask(scene, new TextEncoder().encode("{}"))).rejects.toMatchObject({
      code: "invalidArgument",
      message: '"kind" is missing, expected one of pool, request, model',
    });
  });
});

describe("inspection of a request", () => {
  test("tells its place, what is ahead of it, and when it is expected to run", async () => {
    await using scene = await createScene();
    const { cluster, worker, caller } = scene;
    const other = cluster.caller({ tenant: "beta" });
    // From now on a request of this model is expected to cost 40 ms.
    worker.credit({ capacity: 1 });
    caller.send({ id: "first" });
    await cluster.clock.settle();
    worker.done(worker.batch.batchId, { costMs: 40 });
    caller.send({ id: "a1" }, { id: "a2" }, { id: "a3" });
    other.send({ id: "b1", attempt: 0 });
    await cluster.clock.settle();
    worker.credit({ capacity: 1 });
    await cluster.clock.advance(10);
    const [running] = await askRequest(scene, "a1");
    expect(running).toEqual({
      state: "running",
      tenant: "acme",
      model: "echo",
      attempt: 0,
      worker: "w1",
      batchId: worker.batch.batchId,
      sinceMs: 10,
    });
    expect(await askRequest(scene, "a3")).toEqual([
      {
        state: "waiting",
        tenant: "acme",
        model: "echo",
        attempt: 0,
        place: 2,
        aheadCount: 2,
        // Two requests, and what is left of the running one.
        aheadMs: 110,
        // Those are in one batch with it.
        startInMs: 30,
        timeLeftMs: 59_990,
        isHeld: false,
      },
    ]);
  });

  test("finds all requests with the id, or those of one tenant", async () => {
    await using scene = await createScene();
    const { cluster, caller } = scene;
    cluster.caller({ tenant: "beta" }).send({ id: "same" });
    caller.send({ id: "same" }, { id: "else" });
    await cluster.clock.settle();
    const tenants = (await askRequest(scene, "same")).map(({ tenant }) => tenant);
    expect(new Set(tenants)).toEqual(new Set(["acme", "beta"]));
    expect((await askRequest(scene, "same", "beta")).map(({ tenant }) => tenant)).toEqual(["beta"]);
    expect(await askRequest(scene, "same", "nobody")).toEqual([]);
    expect(await askRequest(scene, "unknown")).toEqual([]);
  });

  test("foresees no start while the pool has no worker", async () => {
    await using scene = await createScene();
    const { cluster, worker, caller } = scene;
    caller.send({ id: "a1" });
    worker.silence();
    await cluster.clock.advance(3000);
    const [waiting] = await askRequest(scene, "a1");
    expect(waiting).toMatchObject({ state: "waiting", place: 1, aheadCount: 0 });
    expect(waiting).not.toHaveProperty("startInMs");
  });
});

describe("inspection of a model", () => {
  const askModel = async (scene: Scene, model: string): Promise<InspectAnswer> =>
    ask(scene, encodeInspectQuestion({ kind: "model", model }));

  test("tells how long it takes on each worker that has said so", async () => {
    const curve = { fixedMs: 2, perElementMs: 1, perPairMs: 0 };
    const latency = { model: "echo", curve, margin: 1.1, drift: 1, elementsPerByte: 0 };
    await using scene = await createScene({ worker: { name: "w2", latencies: [latency] } });
    scene.cluster.worker({ name: "w1" });
    await scene.cluster.clock.advance(1000);
    expect(await askModel(scene, "echo")).toEqual({
      kind: "model",
      model: "echo",
      version: "1",
      maxBatchSize: 8,
      hasLengths: false,
      isIterative: false,
      workers: [{ worker: "w1" }, { worker: "w2", latency }],
    });
  });

  test("tells what its requests cost of late, which is all there is to tell of one that generates", async () => {
    const signature = aSignature({ isIterative: true, maxBatchSize: 1 });
    await using scene = await createScene({ worker: { models: [signature] } });
    const { cluster, worker, caller } = scene;
    worker.credit({ capacity: 1 });
    caller.send({ id: "a1" });
    await cluster.clock.settle();
    worker.done(worker.batch.batchId, { costMs: 40 });
    await cluster.clock.settle();
    expect(await askModel(scene, "echo")).toMatchObject({
      isIterative: true,
      costPerItemMs: 40,
      workers: [{ worker: "w1" }],
    });
  });

  test("says whether rows may differ in length", async () => {
    const x = { name: "x", datatype: "FP32" as const, shape: [-1, -1] };
    const ragged = aSignature({ forms: [{ name: "tensors", inputs: [x], outputs: [] }] });
    await using scene = await createScene({ worker: { models: [ragged] } });
    expect(await askModel(scene, "echo")).toMatchObject({ hasLengths: true });
  });

  test("is refused for one that the pool does not serve", async () => {
    await using scene = await createScene();
    await expect(askModel(scene, "other")).rejects.toThrow('pool "gpu" does not serve model "other"');
  });
});
