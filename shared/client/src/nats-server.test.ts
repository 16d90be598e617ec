import { connectMessaging, type Messaging } from "@sluice/messaging";
import { silentLogger, systemClock } from "@sluice/runtime";
import { collectEvents, startNatsServer, type TestNatsServer } from "@sluice/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ClientEvent } from "./client-event.ts";
import type { ClientOptions } from "./client-options.ts";
import { connect } from "./connect.ts";
import { createStubOwner } from "./stub-owner.fixture.ts";

const inputs = { x: { data: Float32Array.of(1, 2), shape: [1, 2] } };

describe("on a real server", () => {
  let server: TestNatsServer;
  beforeAll(async () => {
    server = await startNatsServer();
  });
  afterAll(() => server[Symbol.asyncDispose]());

  const connectPeer = (): Promise<Messaging> =>
    connectMessaging({ servers: [server.url], name: "owner", log: silentLogger, clock: systemClock });
  const connectClient = (options: Partial<ClientOptions> = {}) =>
    connect({ servers: server.url, tenant: "acme", ...options });

  test("answers the calls of one tick, which travel in one message", async () => {
    await using peer = await connectPeer();
    using owner = createStubOwner({
      messaging: peer,
      onRequest: (request, stub) => stub.answer(request, { parameters: { echo: request.id } }),
    });
    await peer.flush();
    await using client = await connectClient();
    const results = await Promise.all(Array.from({ length: 64 }, () => client.model("echo").infer(inputs)));
    for (const { id, parameters } of results) expect(parameters).toEqual({ echo: id });
    expect(owner.packSizes).toEqual([64]);
  });

  test("hears on its reply subject that nobody takes a request: notFound when no pool announces the model", async () => {
    await using client = await connectClient();
    await expect(client.model("nobody").infer(inputs)).rejects.toMatchObject({ code: "notFound" });
  });

  test("tells the models apart that nobody takes", async () => {
    await using peer = await connectPeer();
    using owner = createStubOwner({ messaging: peer });
    await peer.flush();
    await using client = await connectClient();
    const taken = client.model("echo").infer(inputs);
    const outcomes = await Promise.allSettled(
      Array.from({ length: 8 }, (_, index) => client.model(`nobody-${index}`).infer(inputs)),
    );
    expect(outcomes.every(({ status }) => status === "rejected")).toBe(true);
    expect(owner.requests).toHaveLength(1);
    owner.answer(await owner.request(0));
    await expect(taken).resolves.toMatchObject({ model: "echo" });
  });

  test("sends again until an owner takes an announced model", async () => {
    await using peer = await connectPeer();
    const first = createStubOwner({ messaging: peer });
    await peer.flush();
    const events = collectEvents<ClientEvent>();
    await using client = await connectClient({ onEvent: events.onEvent });
    first.announce();
    await peer.flush();
    first[Symbol.dispose]();
    await peer.flush();
    const answer = client.model("echo").infer(inputs);
    await events.next("resent");
    using _second = createStubOwner({ messaging: peer, onRequest: (request, stub) => stub.answer(request) });
    await expect(answer).resolves.toMatchObject({ model: "echo" });
  });

  test("reads a stream longer than its window", async () => {
    await using peer = await connectPeer();
    using owner = createStubOwner({ messaging: peer });
    await peer.flush();
    await using client = await connectClient();
    const frames = (async () => {
      const read: number[] = [];
      for await (const { frame } of client.model("echo").stream(inputs)) read.push(frame);
      return read;
    })();
    const request = await owner.request(0);
    let frame = 0;
    for (; frame < 64; frame++) owner.answer(request, { frame, final: false });
    await expect.poll(() => owner.controls.at(-1)?.windows[0]?.frameLimit).toBe(128);
    for (; frame < 99; frame++) owner.answer(request, { frame, final: false });
    owner.answer(request, { frame, final: true });
    expect(await frames).toEqual(Array.from({ length: 100 }, (_, index) => index));
  });

  test("refuses a server that does not answer with unavailable", async () => {
    await expect(connect({ servers: "nats://127.0.0.1:1", tenant: "acme" })).rejects.toMatchObject({
      code: "unavailable",
    });
  });
});
