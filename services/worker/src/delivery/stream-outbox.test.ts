import type { Frame, ResultsAck } from "@sluice/protocol";
import { createFrame } from "@sluice/protocol";
import { createFakeClock } from "@sluice/testing";
import { describe, expect, test } from "vitest";

import type { FrameStream } from "./stream-outbox.ts";
import { createStreamOutbox } from "./stream-outbox.ts";

/** One pack that was sent, and what ends the wait for its acknowledgement. */
interface SentPack {
  readonly instance: string;
  /** Ids and numbers of its frames. */
  readonly frames: readonly string[];
  readonly answer: (ack: ResultsAck | undefined) => void;
}

function startOutbox() {
  const clock = createFakeClock();
  const sent: SentPack[] = [];
  const outbox = createStreamOutbox({
    model: "lm",
    version: "1",
    clock,
    maxPayloadBytes: () => 1024 * 1024,
    sender: {
      send: ({ frames }, instance) =>
        new Promise((answer) => {
          sent.push({ instance, frames: frames.map(({ id, frame }) => `${id}${frame}`), answer });
        }),
    },
  });
  const answer = async (ack: Partial<ResultsAck> | undefined): Promise<void> => {
    sent.at(-1)?.answer(ack && { instance: "r1", gone: [], ...ack });
    await clock.settle();
  };
  return { clock, outbox, sent, answer };
}

function aFrame(id: string, frame: number): Frame {
  const request = { id, tenant: "t", reply: "_INBOX.r", accept: "msgpack", attempt: 0 } as const;
  return createFrame(request, { frame, final: false });
}

function push(stream: FrameStream, id: string, ...numbers: readonly number[]): void {
  for (const number of numbers) stream.push(aFrame(id, number));
}

describe("createStreamOutbox()", () => {
  test("sends the frames of all streams in one pack, and what comes meanwhile in the next", async () => {
    const { clock, outbox, sent, answer } = startOutbox();
    const a = outbox.open("a", () => undefined);
    const b = outbox.open("b", () => undefined);
    push(a, "a", 0);
    push(b, "b", 0);
    await clock.settle();
    push(a, "a", 1, 2);
    push(b, "b", 1);
    await clock.settle();
    expect(sent.map(({ frames }) => frames)).toEqual([["a0", "b0"]]);
    await answer({});
    expect(sent.map(({ frames }) => frames)).toEqual([
      ["a0", "b0"],
      ["a1", "a2", "b1"],
    ]);
  });

  test("stays with the instance that took a stream's first frame, while new ones go to any", async () => {
    const { clock, outbox, sent, answer } = startOutbox();
    const a = outbox.open("a", () => undefined);
    push(a, "a", 0);
    await clock.settle();
    await answer({ instance: "r1" });
    const b = outbox.open("b", () => undefined);
    push(a, "a", 1);
    push(b, "b", 0);
    await clock.settle();
    expect(sent.slice(1).map(({ instance, frames }) => [instance, frames])).toEqual([
      ["r1", ["a1"]],
      ["", ["b0"]],
    ]);
  });

  test("tells the streams that nobody listens to", async () => {
    const { clock, outbox, answer } = startOutbox();
    const gone: string[] = [];
    push(
      outbox.open("a", () => gone.push("a")),
      "a",
      0,
    );
    push(
      outbox.open("b", () => gone.push("b")),
      "b",
      0,
    );
    await clock.settle();
    await answer({ gone: ["b"] });
    expect(gone).toEqual(["b"]);
  });

  test("keeps two streams of the same id apart: only one of them can be gone", async () => {
    const { clock, outbox, sent, answer } = startOutbox();
    const gone: string[] = [];
    push(
      outbox.open("a", () => gone.push("first")),
      "a",
      0,
    );
    push(
      outbox.open("a", () => gone.push("second")),
      "a",
      0,
    );
    await clock.settle();
    expect(sent.map(({ frames }) => frames)).toEqual([["a0"]]);
    await answer({ gone: ["a"] });
    expect(sent).toHaveLength(2);
    await answer({});
    expect(gone).toEqual(["first"]);
  });

  test("is settled once everything was acknowledged", async () => {
    const { clock, outbox, answer } = startOutbox();
    const stream = outbox.open("a", () => undefined);
    await stream.settled();
    push(stream, "a", 0);
    let isSettled = false;
    const settled = stream.settled().then(() => (isSettled = true));
    await clock.settle();
    push(stream, "a", 1);
    await answer({});
    expect(isSettled).toBe(false);
    await answer({});
    await settled;
    expect(stream.isLost).toBe(false);
  });

  test("has no room while a window of frames waits", async () => {
    const { clock, outbox, answer } = startOutbox();
    const stream = outbox.open("a", () => undefined);
    push(stream, "a", 0);
    await clock.settle();
    push(stream, "a", ...Array.from({ length: 64 }, (_, index) => index + 1));
    expect(stream.hasRoom).toBe(false);
    await answer({});
    expect(stream.hasRoom).toBe(true);
  });

  test("is lost when nobody acknowledges it, with everything that waited", async () => {
    const { clock, outbox, sent, answer } = startOutbox();
    const stream = outbox.open("a", () => undefined);
    push(stream, "a", 0);
    await clock.settle();
    push(stream, "a", 1);
    await answer(undefined);
    await stream.settled();
    expect(stream.isLost).toBe(true);
    push(stream, "a", 2);
    await clock.settle();
    expect(sent).toHaveLength(1);
  });
});
