import { describe, expect, test } from "vitest";
import { decodeReplyPack, encodeRequestPack, requestDefaults, subjects } from "@sluice/protocol";
import { startStack } from "./stack.ts";

const repository = {
  echo: `name: echo
engine: synthetic
limits: { maxBatchSize: 4, maxRequestItems: 9 }
synthetic: { alphaMs: 1, inputs: { input: { datatype: FP32, shape: [-1, 2] } } }
`,
  slow: `name: slow
engine: synthetic
limits: { maxBatchSize: 1 }
synthetic: { alphaMs: 2000, inputs: { input: { datatype: FP32, shape: [-1, 2] } } }
`,
};
const row = { data: Float32Array.of(1, 2), shape: [1, 2] };

describe("a request of more items than a batch", () => {
  test("is answered with one result, its rows in their order", async () => {
    await using stack = await startStack({ repository });
    await using client = await stack.connectClient({ retries: 0 });
    const data = Float32Array.from({ length: 18 }, (_, index) => index);
    const { outputs } = await client.model("echo").infer({ input: { data, shape: [9, 2] } });
    expect(outputs["input"]?.shape).toEqual([9, 2]);
    expect(outputs["input"]?.values()).toEqual(data);
  });
});

describe("a request that cannot be served", () => {
  test("is answered at once with what was expected, and disturbs nobody", async () => {
    await using stack = await startStack({ repository });
    await using client = await stack.connectClient({ retries: 0 });
    const echo = client.model("echo");
    expect((await echo.infer({ input: row })).outputs["input"]?.values()).toEqual(row.data);

    await expect(client.model("nope").infer({ input: row })).rejects.toMatchObject({
      code: "notFound",
      message: expect.stringMatching(/"nope".*echo, slow/),
    });
    await expect(echo.infer({ other: row })).rejects.toMatchObject({
      code: "invalidArgument",
      message: expect.stringMatching(/"other".*"input"/),
    });
    await expect(echo.infer({ input: { data: Int32Array.of(1, 2), shape: [1, 2] } })).rejects.toMatchObject({
      code: "invalidArgument",
      message: expect.stringMatching(/INT32.*FP32/),
    });
    await expect(
      echo.infer({ input: { data: Float32Array.of(1, 2, 3), shape: [1, 3] } }),
    ).rejects.toMatchObject({
      code: "invalidArgument",
      message: expect.stringMatching(/\[1, ?3\].*\[-1, ?2\]/),
    });
    await expect(echo.infer({ input: { data: new Float32Array(20), shape: [10, 2] } })).rejects.toMatchObject(
      {
        code: "invalidArgument",
        message: expect.stringMatching(/10.*9/),
      },
    );
    await expect(echo.infer({ input: row }, { parameters: { colour: "red" } })).rejects.toMatchObject({
      code: "invalidArgument",
      message: expect.stringContaining("colour"),
    });

    expect((await echo.infer({ input: row })).outputs["input"]?.values()).toEqual(row.data);
  });

  test("larger than a message is refused with both sizes", async () => {
    await using stack = await startStack({ repository, maxPayloadBytes: 64 * 1024 });
    await using client = await stack.connectClient();
    const input = { data: new Float32Array(2 * 16 * 1024), shape: [16 * 1024, 2] };
    await expect(client.model("echo").infer({ input })).rejects.toMatchObject({
      code: "resourceExhausted",
      message: expect.stringMatching(/bytes.*65536 bytes/),
    });
  });

  test("whose reply subject belongs to another tenant is not answered and not run", async () => {
    await using stack = await startStack({ repository });
    const foreign = subjects.reply("other", "c1");
    const answers: unknown[] = [];
    stack.messaging.subscribe(foreign, (message) => answers.push(message));
    await using client = await stack.connectClient();
    await client.model("echo").infer({ input: row });
    const request = {
      ...requestDefaults,
      id: "1",
      inputs: [{ name: "input", datatype: "FP32" as const, shape: [1, 2] }],
      body: [new Uint8Array(8)],
    };
    stack.messaging.publish(subjects.infer("echo", "demo"), encodeRequestPack([request]), {
      reply: foreign,
    });
    const refused = await stack.dispatcherEvents.next("replySubjectRefused");
    expect(refused.reply).toBe(foreign);
    await client.model("echo").infer({ input: row });
    expect(answers).toEqual([]);
  });

  test("that is garbage is answered with an error document", async () => {
    await using stack = await startStack({ repository });
    await using client = await stack.connectClient();
    await client.model("echo").infer({ input: row });
    for (const payload of ["{", '{"inputs": 7}', "\u0094garbage", ""]) {
      const answer = await stack.messaging.request(
        subjects.infer("echo", "demo"),
        new TextEncoder().encode(payload),
        { timeoutMs: 5_000 },
      );
      expect(JSON.parse(new TextDecoder().decode(answer.payload))).toMatchObject({ code: "invalidArgument" });
    }
    await client.model("echo").infer({ input: row });
  });

  test("is cancelled in the queue at once", async () => {
    await using stack = await startStack({ repository });
    await using client = await stack.connectClient();
    const slow = client.model("slow");
    const abort = new AbortController();
    const calls = Array.from({ length: 3 }, () => slow.infer({ input: row }, { signal: abort.signal }));
    await stack.dispatcherEvents.next("batchSent");
    abort.abort();
    for (const outcome of await Promise.allSettled(calls)) {
      expect(outcome).toMatchObject({ status: "rejected", reason: { code: "canceled" } });
    }
    // One runs and is told to end; the two that waited are gone from the queue.
    let refusedCount = 0;
    while (refusedCount < 2) {
      const refused = await stack.dispatcherEvents.next("requestsRefused");
      expect(refused).toMatchObject({ model: "slow", code: "canceled" });
      refusedCount += refused.count;
    }
    expect(refusedCount).toBe(2);
  });

  test("ends at its deadline while it waits behind others", async () => {
    await using stack = await startStack({ repository });
    await using client = await stack.connectClient();
    const slow = client.model("slow");
    const calls = Array.from({ length: 3 }, () => slow.infer({ input: row }, { timeoutMs: 300 }));
    for (const outcome of await Promise.allSettled(calls)) {
      expect(outcome).toMatchObject({ status: "rejected", reason: { code: "deadlineExceeded" } });
    }
  });

  test("for a model whose worker is gone is refused as unavailable with a time to wait", async () => {
    await using stack = await startStack({ repository });
    await using client = await stack.connectClient({ retries: 0 });
    await client.model("echo").infer({ input: row });
    await stack.stopWorker();
    await expect(client.model("echo").infer({ input: row })).rejects.toMatchObject({
      code: "unavailable",
      retryAfterMs: expect.any(Number),
    });
    await stack.startWorker();
    await using patient = await stack.connectClient();
    expect((await patient.model("echo").infer({ input: row })).outputs["input"]?.values()).toEqual(row.data);
  });

  test("over msgpack on a plain inbox is answered on it", async () => {
    await using stack = await startStack({ repository });
    await using client = await stack.connectClient();
    await client.model("echo").infer({ input: row });
    const request = {
      ...requestDefaults,
      id: "one",
      inputs: [{ name: "input", datatype: "FP32" as const, shape: [1, 2] }],
      body: [new Uint8Array(Float32Array.of(3, 4).buffer)],
    };
    const answer = await stack.messaging.request(
      subjects.infer("echo", "demo"),
      encodeRequestPack([request]),
      { timeoutMs: 5_000 },
    );
    const [frame] = decodeReplyPack(answer.payload).frames;
    expect(frame).toMatchObject({ id: "one", code: "ok", frame: 0, final: true });
  });
});
