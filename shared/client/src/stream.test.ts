import { once } from "node:events";
import { Readable } from "node:stream";
import { describe, expect, test } from "vitest";
import { createTestClient } from "./test-client.fixture.ts";
import type { ReceivedRequest, StubOwner } from "./stub-owner.fixture.ts";

const inputs = { x: { data: Float32Array.of(1, 2), shape: [1, 2] } };

function answerFrames(owner: StubOwner, request: ReceivedRequest, frames: readonly number[]): void {
  for (const frame of frames) owner.answer(request, { frame, final: false });
}

function numbers(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, index) => from + index);
}

describe("stream()", () => {
  test("gives the frames in order and ends with the final one", async () => {
    await using t = await createTestClient();
    using owner = t.owner({
      onRequest(request, stub) {
        answerFrames(stub, request, [0, 2, 1]);
        stub.answer(request, { frame: 3, final: true, parameters: { finish_reason: "stop" } });
      },
    });
    const seen: [number, boolean][] = [];
    for await (const { frame, final } of t.client.model("echo").stream(inputs)) seen.push([frame, final]);
    expect(seen).toEqual([
      [0, false],
      [1, false],
      [2, false],
      [3, true],
    ]);
    expect(owner.requests[0]?.stream).toBe(true);
    await t.clock.settle();
    expect(owner.controls).toEqual([]);
  });

  test("sends nothing before the first frame is asked for", async () => {
    await using t = await createTestClient();
    using owner = t.owner();
    t.client.model("echo").stream(inputs);
    await t.clock.settle();
    expect(owner.requests).toEqual([]);
  });

  test("widens the window by 16 frames whenever 16 were read", async () => {
    await using t = await createTestClient();
    using owner = t.owner({ onRequest: (request, stub) => answerFrames(stub, request, numbers(0, 40)) });
    const stream = t.client.model("echo").stream(inputs);
    for (let read = 0; read < 15; read++) await stream.next();
    await t.clock.settle();
    expect(owner.controls).toEqual([]);
    await stream.next();
    await t.clock.settle();
    const { id } = await owner.request(0);
    expect(owner.controls).toEqual([{ kind: "control", cancel: [], windows: [{ id, frameLimit: 80 }] }]);
    await stream.return();
  });

  test("widens the window every 10 s for a reader that takes longer for 16 frames", async () => {
    await using t = await createTestClient();
    using owner = t.owner({ onRequest: (request, stub) => answerFrames(stub, request, numbers(0, 64)) });
    const stream = t.client.model("echo").stream(inputs);
    for (let read = 0; read < 5; read++) {
      await stream.next();
      await t.clock.advance(6000);
    }
    const limits = owner.controls.flatMap(({ windows }) => windows.map((window) => window.frameLimit));
    expect([...new Set(limits)]).toEqual([67, 69]);
    await stream.return();
  });

  test("says its window again every 2 s in which no frame comes: it may have reached nobody", async () => {
    await using t = await createTestClient();
    using owner = t.owner({ onRequest: (request, stub) => answerFrames(stub, request, numbers(0, 16)) });
    const stream = t.client.model("echo").stream(inputs);
    for (let read = 0; read < 16; read++) await stream.next();
    await t.clock.advance(1000);
    const request = await owner.request(0);
    answerFrames(owner, request, [16]);
    await t.clock.advance(1999);
    const window = { kind: "control", cancel: [], windows: [{ id: request.id, frameLimit: 80 }] };
    expect(owner.controls).toEqual([window]);
    await t.clock.advance(2001);
    expect(owner.controls).toEqual([window, window, window]);
    owner.answer(request, { frame: 17 });
    await t.clock.advance(10_000);
    expect(owner.controls).toHaveLength(3);
    await stream.return();
  });

  test("aborts a stream that goes beyond its window", async () => {
    await using t = await createTestClient();
    using owner = t.owner({ onRequest: (request, stub) => answerFrames(stub, request, numbers(0, 65)) });
    const frames = readAll(t.client.model("echo").stream(inputs));
    await expect(frames).rejects.toMatchObject({ code: "aborted" });
    await t.clock.settle();
    expect(owner.controls).toEqual([{ kind: "control", cancel: [owner.requests[0]?.id], windows: [] }]);
  });

  test("cancels the run when the reader leaves the loop", async () => {
    await using t = await createTestClient();
    using owner = t.owner({ onRequest: (request, stub) => answerFrames(stub, request, [0, 1]) });
    for await (const _frame of t.client.model("echo").stream(inputs)) break;
    await t.clock.settle();
    expect(owner.controls).toEqual([{ kind: "control", cancel: [owner.requests[0]?.id], windows: [] }]);
  });

  test.each([
    ["returns", (stream: AsyncGenerator): Promise<unknown> => stream.return(undefined)],
    [
      "throws",
      (stream: AsyncGenerator): Promise<unknown> =>
        expect(stream.throw(new Error("the page was left"))).rejects.toThrow("the page was left"),
    ],
  ])("cancels the run when its reader %s while a frame is awaited", async (_case, leave) => {
    await using t = await createTestClient();
    using owner = t.owner();
    const stream = t.client.model("echo").stream(inputs);
    const frame = stream.next();
    const { id } = await owner.request(0);
    const left = leave(stream);
    await expect(frame).resolves.toEqual({ done: true, value: undefined });
    await left;
    await t.clock.settle();
    expect(owner.controls).toEqual([{ kind: "control", cancel: [id], windows: [] }]);
  });

  test("cancels the run when a Readable of its frames is destroyed while a frame is awaited", async () => {
    await using t = await createTestClient();
    using owner = t.owner();
    const readable = Readable.from(t.client.model("echo").stream(inputs)).resume();
    const { id } = await owner.request(0);
    readable.destroy();
    await once(readable, "close");
    await t.clock.settle();
    expect(owner.controls).toEqual([{ kind: "control", cancel: [id], windows: [] }]);
  });

  test("cancels the run when the signal aborts, even while the reader waits", async () => {
    await using t = await createTestClient();
    using owner = t.owner();
    const controller = new AbortController();
    const frame = t.client.model("echo").stream(inputs, { signal: controller.signal }).next();
    const { id } = await owner.request(0);
    controller.abort();
    await expect(frame).rejects.toMatchObject({ code: "canceled" });
    await t.clock.settle();
    expect(owner.controls).toEqual([{ kind: "control", cancel: [id], windows: [] }]);
  });

  test("follows a newer run that begins before the first frame was delivered", async () => {
    await using t = await createTestClient();
    using _owner = t.owner({
      onRequest(request, stub) {
        stub.answer(request, { frame: 1, final: false, attempt: 0 });
        stub.answer(request, { frame: 0, final: false, attempt: 1, parameters: { run: "newer" } });
        stub.answer(request, { frame: 2, final: false, attempt: 0 });
        stub.answer(request, { frame: 1, final: true, attempt: 1 });
      },
    });
    const frames = await readAll(t.client.model("echo").stream(inputs));
    expect(frames.map(({ frame }) => frame)).toEqual([0, 1]);
    expect(frames[0]?.parameters).toEqual({ run: "newer" });
    expect(t.events.all).toMatchObject([{ type: "frameIgnored", reason: "olderRun" }]);
  });

  test("ends with aborted and cancels when a newer run begins after the first frame was delivered", async () => {
    await using t = await createTestClient();
    using owner = t.owner();
    const stream = t.client.model("echo").stream(inputs);
    const first = stream.next();
    const request = await owner.request(0);
    owner.answer(request, { frame: 0, final: false });
    await first;
    owner.answer(request, { frame: 0, final: false, attempt: 1 });
    await expect(stream.next()).rejects.toMatchObject({ code: "aborted" });
    await t.clock.settle();
    expect(owner.controls).toEqual([{ kind: "control", cancel: [request.id], windows: [] }]);
  });

  test("drops frames that come twice", async () => {
    await using t = await createTestClient();
    using _owner = t.owner({
      onRequest(request, stub) {
        answerFrames(stub, request, [0, 0, 1, 0]);
        stub.answer(request, { frame: 2, final: true });
      },
    });
    expect(await readAll(t.client.model("echo").stream(inputs))).toHaveLength(3);
    expect(t.events.count("frameIgnored")).toBe(2);
  });

  test("gives the frames before an error, then the error", async () => {
    await using t = await createTestClient();
    using _owner = t.owner({
      onRequest(request, stub) {
        answerFrames(stub, request, [0, 1]);
        stub.answer(request, {
          frame: 0,
          code: "internal",
          message: "the engine failed",
          outputs: [],
          body: [],
        });
      },
    });
    const stream = t.client.model("echo").stream(inputs);
    await expect(stream.next()).resolves.toMatchObject({ value: { frame: 0 } });
    await expect(stream.next()).resolves.toMatchObject({ value: { frame: 1 } });
    await expect(stream.next()).rejects.toMatchObject({ code: "internal", message: "the engine failed" });
  });

  test("ends with aborted when its run is lost and no other can begin within the timeout, which it had met", async () => {
    await using t = await createTestClient();
    using owner = t.owner({ onRequest: (request, stub) => answerFrames(stub, request, [0]) });
    const stream = t.client.model("echo").stream(inputs);
    await stream.next();
    const expiry = { code: "deadlineExceeded", attempt: 1, outputs: [], body: [] } as const;
    owner.answer(await owner.request(0), expiry);
    await expect(stream.next()).rejects.toMatchObject({ code: "aborted" });
  });

  test("starts again after a refusal before its first frame", async () => {
    await using t = await createTestClient();
    using owner = t.owner();
    const frames = readAll(t.client.model("echo").stream(inputs));
    owner.answer(await owner.request(0), { code: "unavailable", outputs: [], body: [] });
    await t.events.next("retried");
    await t.clock.advance(25);
    owner.answer(await owner.request(1));
    expect(await frames).toHaveLength(1);
  });

  test("has no deadline once it has begun", async () => {
    await using t = await createTestClient();
    using owner = t.owner();
    const frames = readAll(t.client.model("echo").stream(inputs, { timeoutMs: 100 }));
    const request = await owner.request(0);
    owner.answer(request, { frame: 0, final: false });
    await t.clock.advance(60_000);
    owner.answer(request, { frame: 1 });
    expect(await frames).toHaveLength(2);
  });

  test("ends with deadlineExceeded without a first frame, and cancels", async () => {
    await using t = await createTestClient();
    using owner = t.owner();
    const frames = expect(
      readAll(t.client.model("echo").stream(inputs, { timeoutMs: 100 })),
    ).rejects.toMatchObject({ code: "deadlineExceeded" });
    const { id } = await owner.request(0);
    await t.clock.advance(100);
    await frames;
    await t.clock.settle();
    expect(owner.controls).toEqual([{ kind: "control", cancel: [id], windows: [] }]);
  });

  test("ends with aborted when a missing frame has not come for 10 s", async () => {
    await using t = await createTestClient();
    using owner = t.owner();
    const frames = expect(readAll(t.client.model("echo").stream(inputs))).rejects.toMatchObject({
      code: "aborted",
    });
    const request = await owner.request(0);
    answerFrames(owner, request, [0, 2]);
    await t.clock.advance(10_000);
    await frames;
    expect(owner.controls).toEqual([{ kind: "control", cancel: [request.id], windows: [] }]);
  });

  test("tells a new owner its window again after a takeover", async () => {
    await using t = await createTestClient();
    using owner = t.owner({ onRequest: (request, stub) => answerFrames(stub, request, numbers(0, 20)) });
    owner.announce();
    const stream = t.client.model("echo").stream(inputs);
    for (let read = 0; read < 16; read++) await stream.next();
    await t.clock.settle();
    owner.announce({ epoch: 2, state: "taken" });
    const { id } = await owner.request(1);
    await t.clock.settle();
    const window = { kind: "control", cancel: [], windows: [{ id, frameLimit: 80 }] };
    expect(owner.controls).toEqual([window, window]);
    await stream.return();
  });
});

async function readAll<T>(frames: AsyncIterable<T>): Promise<T[]> {
  const read: T[] = [];
  for await (const frame of frames) read.push(frame);
  return read;
}
