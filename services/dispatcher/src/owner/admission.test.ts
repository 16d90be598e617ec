import { packHeadBytes, requestDefaults, subjects } from "@sluice/protocol";
import { aRequest } from "@sluice/testing";
import { describe, expect, test } from "vitest";
import { createScene } from "../testing/scene.ts";
import { idsOf } from "../testing/stub-worker.ts";

describe("owner - admission", () => {
  test.each([
    ["a wrong name", { inputs: [{ name: "z", datatype: "FP32" as const, shape: [1, 2] }] }],
    ["a wrong type", { inputs: [{ name: "x", datatype: "INT32" as const, shape: [1, 2] }] }],
    ["a wrong shape", { inputs: [{ name: "x", datatype: "FP32" as const, shape: [1, 3] }] }],
    ["an unknown parameter", { parameters: { unknown: 1 } }],
  ])("refuses %s with invalidArgument at once", async (_what, fields) => {
    await using scene = await createScene();
    const { cluster, caller } = scene;
    caller.send({ id: "bad", ...fields }, { id: "good" });
    await cluster.clock.settle();
    expect(caller.frames.map(({ id, code }) => ({ id, code }))).toEqual([
      { id: "bad", code: "invalidArgument" },
    ]);
    expect(caller.frames[0]).toMatchObject({ final: true, frame: 0, attempt: 0 });
  });

  test("packs the refusals of one read into one message", async () => {
    await using scene = await createScene();
    const { cluster, caller } = scene;
    const parameters = { unknown: 1 };
    caller.send({ id: "a", parameters }, { id: "b", parameters });
    caller.send({ id: "c", parameters });
    await cluster.clock.settle();
    expect(caller.frames.map((frame) => frame.id)).toEqual(["a", "b", "c"]);
    expect(caller.messageCount).toBe(1);
  });

  test("refuses what arrives after its deadline", async () => {
    await using scene = await createScene();
    scene.caller.send({ id: "late", timeoutMs: 100, queuedMs: 100 });
    await scene.cluster.clock.settle();
    expect(scene.caller.codeOf("late")).toBe("deadlineExceeded");
  });

  test("gives a request without timeout the default one", async () => {
    await using scene = await createScene({ settings: { defaultTimeoutMs: 700 } });
    const { cluster, caller } = scene;
    caller.send({ id: "a", timeoutMs: 0 });
    await cluster.clock.advance(699);
    expect(caller.codeOf("a")).toBeUndefined();
    await cluster.clock.advance(1);
    expect(caller.codeOf("a")).toBe("deadlineExceeded");
  });

  test("drops a request that is open already, waiting or running", async () => {
    await using scene = await createScene();
    const { cluster, worker, caller, dispatcher } = scene;
    caller.send({ id: "a" });
    caller.send({ id: "a" });
    worker.credit();
    await cluster.clock.settle();
    caller.send({ id: "a" });
    worker.credit();
    await cluster.clock.settle();
    expect(worker.batches.map(idsOf)).toEqual([["a"]]);
    expect(dispatcher.events.count("duplicateDropped")).toBe(2);
  });

  test("tells equal ids of two callers apart", async () => {
    await using scene = await createScene();
    const { cluster, worker, caller } = scene;
    caller.send({ id: "a" });
    cluster.caller().send({ id: "a" });
    worker.credit();
    await cluster.clock.settle();
    expect(idsOf(worker.batch)).toEqual(["a", "a"]);
  });

  test("counts and drops a message whose reply subject is not its tenant's", async () => {
    await using scene = await createScene();
    const { cluster, dispatcher, worker } = scene;
    const foreign = cluster.nats.connect();
    const reply = subjects.reply("victim", "c1");
    foreign.publish(subjects.infer("echo", "acme"), new Uint8Array([1]), { reply });
    worker.credit();
    await cluster.clock.settle();
    expect(dispatcher.events.all).toContainEqual({
      type: "replySubjectRefused",
      subject: subjects.infer("echo", "acme"),
      reply,
    });
    expect(worker.batches).toEqual([]);
  });

  test("answers garbage with a JSON error document", async () => {
    await using scene = await createScene();
    const connection = scene.cluster.nats.connect();
    const subject = subjects.infer("echo", "acme");
    const answering = connection.request(subject, new Uint8Array([0xc1]), { timeoutMs: 1000 });
    await scene.cluster.clock.settle();
    const document = JSON.parse(new TextDecoder().decode((await answering).payload));
    expect(document).toMatchObject({ code: "invalidArgument" });
  });

  test.each(["", "Where is the station?", "null"])(
    "answers %j, which is neither a document nor a pack, with a JSON error document that says what a request is",
    async (text) => {
      await using scene = await createScene();
      const connection = scene.cluster.nats.connect();
      const payload = new TextEncoder().encode(text);
      const answering = connection.request(subjects.infer("echo", "acme"), payload, { timeoutMs: 1000 });
      await scene.cluster.clock.settle();
      const document = JSON.parse(new TextDecoder().decode((await answering).payload));
      expect(document).toMatchObject({
        code: "invalidArgument",
        error: expect.stringContaining("the message is no JSON document, which starts with {, and no pack"),
      });
    },
  );

  test.each(["\u00e4", "x".repeat(65), "a b"])(
    "answers a plain caller that calls itself %j, which no tenant can be, and counts it for nobody",
    async (tenant) => {
      await using scene = await createScene();
      const { cluster, dispatcher } = scene;
      const connection = cluster.nats.connect();
      const subject = `sluice.v1.infer.echo.${tenant}`;
      const answering = connection.request(subject, new Uint8Array(), { timeoutMs: 1000 });
      await cluster.clock.settle();
      const document = JSON.parse(new TextDecoder().decode((await answering).payload));
      expect(document).toEqual({
        code: "invalidArgument",
        error: `the tenant in the subject is "${tenant.slice(0, 40)}", expected 1 to 64 of A-Z a-z 0-9 _ -`,
      });
      expect(dispatcher.events.count("malformedMessage")).toBe(1);
      expect(dispatcher.events.count("requestsRefused")).toBe(0);
    },
  );

  test("takes an Open Inference Protocol document without id, under an id of its own", async () => {
    await using scene = await createScene();
    const { cluster, worker } = scene;
    const connection = cluster.nats.connect();
    const inputs = [{ name: "x", datatype: "FP32", shape: [1, 2], data: [1, 2] }];
    const payload = new TextEncoder().encode(JSON.stringify({ inputs }));
    connection.publish(subjects.infer("echo", "acme"), payload, { reply: "_INBOX.plain.1" });
    connection.publish(subjects.infer("echo", "acme"), payload, { reply: "_INBOX.plain.1" });
    worker.credit();
    await cluster.clock.settle();
    const [first, second] = worker.batch.requests;
    expect(first).toMatchObject({ accept: "json", reply: "_INBOX.plain.1" });
    expect(first?.id).not.toBe("");
    expect(first?.id).not.toBe(second?.id);
  });

  test("refuses a request without id in JSON without telling the id it never had", async () => {
    await using scene = await createScene();
    const connection = scene.cluster.nats.connect();
    const payload = new TextEncoder().encode(JSON.stringify({ inputs: [] }));
    const subject = subjects.infer("echo", "acme");
    const answering = connection.request(subject, payload, { timeoutMs: 1000 });
    await scene.cluster.clock.settle();
    const document = JSON.parse(new TextDecoder().decode((await answering).payload));
    expect(document).toMatchObject({ code: "invalidArgument" });
    expect(document).not.toHaveProperty("id");
  });

  test("refuses beyond the bound of the queue with unavailable and a time to wait", async () => {
    await using scene = await createScene({ settings: { maxQueueRequests: 2 } });
    const { cluster, caller, dispatcher } = scene;
    caller.send({ id: "a" }, { id: "b" }, { id: "c" });
    await cluster.clock.settle();
    expect(caller.frames).toHaveLength(1);
    const details = { limit: "maxQueueRequests", value: 2, actual: 3 };
    expect(caller.frames[0]).toMatchObject({ id: "c", code: "unavailable", details });
    expect(caller.frames[0]?.retryAfterMs).toBeGreaterThan(0);
    const refused = { type: "requestsRefused", limit: "maxQueueRequests", count: 1 };
    expect(dispatcher.events.all.at(-1)).toMatchObject(refused);
  });

  test("refuses beyond the bytes of the queue", async () => {
    await using scene = await createScene({ settings: { maxQueueBytes: 1024 } });
    const { cluster, caller } = scene;
    const metadata = { note: "n".repeat(200) };
    caller.send({ id: "a", metadata }, { id: "b", metadata });
    await cluster.clock.settle();
    expect(caller.codeOf("a")).toBeUndefined();
    expect(caller.frames[0]).toMatchObject({
      id: "b",
      code: "unavailable",
      details: { limit: "maxQueueBytes", value: 1024 },
    });
    expect(caller.frames[0]?.details["actual"]).toBeGreaterThan(1024);
  });

  test("refuses a request that no batch can carry with resourceExhausted", async () => {
    await using scene = await createScene({ maxPayloadBytes: 4096 });
    const { cluster, caller } = scene;
    caller.send({ ...requestDefaults, ...aRequest({ id: "big" }), metadata: { note: "n".repeat(1000) } });
    await cluster.clock.settle();
    const [refusal] = caller.frames;
    expect(refusal).toMatchObject({ id: "big", code: "resourceExhausted", retryAfterMs: 0 });
    expect(refusal?.details).toMatchObject({ limit: "maxRequestBytes", value: 4096 - packHeadBytes });
    expect(refusal?.details["actual"]).toBeGreaterThan(4096 - packHeadBytes);
  });
});
