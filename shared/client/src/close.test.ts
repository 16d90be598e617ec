import { describe, expect, test } from "vitest";
import { connect } from "./connect.ts";
import { createTestClient } from "./test-client.fixture.ts";

const inputs = { x: { data: Float32Array.of(1, 2), shape: [1, 2] } };

describe("close()", () => {
  test("waits for open calls, refuses new ones and leaves no timer", async () => {
    await using t = await createTestClient({ drainTimeoutMs: 5000 });
    using owner = t.owner();
    const model = t.client.model("echo");
    const answer = model.infer(inputs);
    const request = await owner.request(0);
    const closed = t.client.close();
    await expect(model.infer(inputs)).rejects.toMatchObject({ code: "canceled" });
    await t.clock.advance(1000);
    owner.answer(request);
    await expect(answer).resolves.toMatchObject({ id: request.id });
    await closed;
    expect(t.clock.pending).toBe(0);
    expect(owner.controls).toEqual([]);
  });

  test("cancels what is still open after drainTimeoutMs", async () => {
    await using t = await createTestClient({ drainTimeoutMs: 5000 });
    using owner = t.owner();
    const answer = expect(t.client.model("echo").infer(inputs)).rejects.toMatchObject({ code: "canceled" });
    const { id } = await owner.request(0);
    const closed = t.client.close();
    await t.clock.advance(5000);
    await closed;
    await answer;
    await t.clock.settle();
    expect(owner.controls).toEqual([{ kind: "control", cancel: [id], windows: [] }]);
    expect(t.clock.pending).toBe(0);
  });

  test("cancels streams at once", async () => {
    await using t = await createTestClient({ drainTimeoutMs: 5000 });
    using owner = t.owner();
    const frame = expect(t.client.model("echo").stream(inputs).next()).rejects.toMatchObject({
      code: "canceled",
    });
    const { id } = await owner.request(0);
    await t.client.close();
    await frame;
    await t.clock.settle();
    expect(owner.controls).toEqual([{ kind: "control", cancel: [id], windows: [] }]);
  });

  test("leaves a connection open that was given, with no subscription on it", async () => {
    const t = await createTestClient();
    using owner = t.owner({ onRequest: (request, stub) => stub.answer(request) });
    await t.client.model("echo").infer(inputs);
    await t.client.close();
    await t.client.close();
    expect(t.messaging.isConnected).toBe(true);
    await t.messaging.flush();
    owner.announce({ epoch: 2, state: "taken" });
    await t.clock.settle();
    expect(t.events.all).toEqual([]);
  });

  test("refuses streams too, without a subscription", async () => {
    const t = await createTestClient();
    await t.client.close();
    let subscribeCount = 0;
    const { subscribe } = t.messaging;
    t.messaging.subscribe = (...args) => {
      subscribeCount++;
      return subscribe(...args);
    };
    await expect(t.client.model("echo").stream(inputs).next()).rejects.toMatchObject({ code: "canceled" });
    expect(subscribeCount).toBe(0);
  });

  test("rejects calls with unavailable when the connection is closed for good", async () => {
    await using t = await createTestClient();
    using owner = t.owner();
    const answer = t.client.model("echo").infer(inputs);
    const rejected = expect(answer).rejects.toMatchObject({ code: "unavailable" });
    await owner.request(0);
    await t.messaging.close();
    await rejected;
  });
});

describe("models()", () => {
  test("waits until every pool had time to announce itself, then lists all models by name", async () => {
    await using t = await createTestClient();
    using zebra = t.owner({ model: "zebra" });
    using echo = t.owner();
    const models = t.client.models();
    zebra.announce({ pool: "gpu" });
    await t.clock.advance(1199);
    echo.announce();
    await t.clock.advance(1);
    expect(await models).toEqual([
      { name: "echo", version: "1", pool: "cpu", workerCount: 1 },
      { name: "zebra", version: "1", pool: "gpu", workerCount: 1 },
    ]);
    await t.clock.advance(10_000);
    expect(await t.client.models()).toEqual([]);
  });

  test("rejects with canceled when the client closes", async () => {
    await using t = await createTestClient();
    const models = expect(t.client.models()).rejects.toMatchObject({ code: "canceled" });
    await t.client.close();
    await models;
    expect(t.clock.pending).toBe(0);
  });

  test("rejects with canceled once the client is closed, however long it has listened", async () => {
    await using t = await createTestClient();
    await t.clock.advance(2000);
    await t.client.close();
    await expect(t.client.models()).rejects.toMatchObject({ code: "canceled" });
  });
});

describe("connect()", () => {
  test.each([
    ["tenant", { tenant: "a.b" }],
    ["timeoutMs", { tenant: "acme", timeoutMs: -1 }],
    ["retries", { tenant: "acme", retries: 1.5 }],
    ["retryRatio", { tenant: "acme", retryRatio: 1.1 }],
    ["retryRatio", { tenant: "acme", retryRatio: NaN }],
    ["servers", { tenant: "acme", servers: [] }],
    ["servers", JSON.parse('{ "tenant": "acme", "servers": 4222 }')],
    ["servers", JSON.parse('{ "tenant": "acme", "servers": [4222] }')],
    ["drainTimeoutMs", { tenant: "acme", drainTimeoutMs: Number.NaN }],
    ["onEvent", { tenant: "acme", onEvent: {} }],
    ["random", { tenant: "acme", random: 0.5 }],
    ["clock", { tenant: "acme", clock: {} }],
    ["log", { tenant: "acme", log: () => {} }],
    ["messaging", { tenant: "acme", messaging: "nats://127.0.0.1:4222" }],
    ["credentials", { tenant: "acme", credentials: "a token" }],
    ["credentials", { tenant: "acme", credentials: null }],
    ["inboxPrefix", { tenant: "acme", inboxPrefix: ["_INBOX"] }],
    ["tls", { tenant: "acme", tls: true }],
    ["tls.caFile", { tenant: "acme", tls: { caFile: Buffer.from("-----BEGIN CERTIFICATE-----") } }],
    ["tls.ca", { tenant: "acme", tls: { ca: "ca.pem" } }],
    ["server", { tenant: "acme", server: "nats://127.0.0.1:4222" }],
    ["timeout", { tenant: "acme", timeout: 5000 }],
  ])("refuses a wrong option %s", async (name, options) => {
    await expect(Reflect.apply(connect, undefined, [options])).rejects.toMatchObject({
      code: "invalidArgument",
      message: expect.stringContaining(`option ${name} is`),
    });
  });

  test("says which option is meant where one is misspelled", async () => {
    await expect(connect(Object({ tenant: "acme", timeout: 5000 }))).rejects.toMatchObject({
      message: "option timeout is unknown, is timeoutMs meant?",
    });
    await expect(connect({ tenant: "acme", tls: Object({ ca: "ca.pem" }) })).rejects.toMatchObject({
      message: "option tls.ca is unknown, is caFile meant?",
    });
  });

  test.each([null, "nats://127.0.0.1:4222", ["nats://127.0.0.1:4222"]])(
    "says what it needs where it is given %j",
    async (options) => {
      await expect(Reflect.apply(connect, undefined, [options])).rejects.toMatchObject({
        code: "invalidArgument",
        message: "options are missing, expected { servers, tenant }",
      });
    },
  );
});
