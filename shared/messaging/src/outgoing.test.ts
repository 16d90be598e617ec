import { InferenceError } from "@sluice/protocol";
import { describe, expect, test } from "vitest";
import { createOutgoing } from "./outgoing.ts";

/** An outgoing side of 80 bytes whose flushes the test ends; it probes above 10 bytes. */
function create() {
  const sent: string[] = [];
  const errors: unknown[] = [];
  const flushes: { resolve: () => void; reject: (error: Error) => void }[] = [];
  const outgoing = createOutgoing({
    maxPendingBytes: 80,
    flush: () => new Promise((resolve, reject) => flushes.push({ resolve, reject })),
  });
  const onUnsent = (error: unknown): void => void errors.push(error);
  const publish = (bytes: number, name = "message"): void =>
    void outgoing.publish({ bytes, send: () => sent.push(name), onUnsent });
  /** Ends the oldest flush and lets what follows from it run. */
  const endFlush = async (error?: Error): Promise<void> => {
    const flush = flushes.shift();
    if (error === undefined) flush?.resolve();
    else flush?.reject(error);
    await Promise.resolve();
    await Promise.resolve();
  };
  return { outgoing, sent, errors, onUnsent, flushes, publish, endFlush };
}

const full = expect.objectContaining({ code: "unavailable", details: { reason: "outgoingFull" } });

describe("createOutgoing()", () => {
  test("sends at once and asks nothing while little is on its way", () => {
    const { sent, flushes, publish } = create();
    publish(10, "a");
    expect(sent).toEqual(["a"]);
    expect(flushes).toHaveLength(0);
  });

  test("refuses what exceeds the bound until the server has taken the rest", async () => {
    const { flushes, publish, endFlush } = create();
    publish(50);
    publish(30);
    expect(() => publish(1)).toThrow(full);
    expect(flushes).toHaveLength(1);
    await endFlush();
    publish(50);
    expect(() => publish(1)).toThrow(full);
  });

  test("asks again while much was sent since the last answer, and then no more", async () => {
    const { flushes, publish, endFlush } = create();
    publish(11);
    publish(11);
    await endFlush();
    expect(flushes).toHaveLength(1);
    await endFlush();
    expect(flushes).toHaveLength(0);
  });

  test("keeps messages while suspended and sends them in order", () => {
    const { outgoing, sent, flushes, publish } = create();
    outgoing.suspend();
    publish(40, "a");
    publish(40, "b");
    expect(() => publish(1)).toThrow(full);
    expect(sent).toEqual([]);
    expect(flushes).toHaveLength(0);
    outgoing.resume();
    publish(0, "c");
    expect(sent).toEqual(["a", "b", "c"]);
    expect(flushes).toHaveLength(1);
  });

  test("does not send what was withdrawn meanwhile, and has room for it again", () => {
    const { outgoing, sent, publish } = create();
    const message = { bytes: 80, send: () => sent.push("withdrawn"), onUnsent: () => undefined };
    outgoing.suspend();
    outgoing.publish(message);
    outgoing.withdraw(message);
    outgoing.withdraw(message);
    publish(80, "a");
    outgoing.resume();
    expect(sent).toEqual(["a"]);
  });

  test("forgets what a lost connection had on its way", async () => {
    const { outgoing, publish, endFlush } = create();
    publish(80);
    outgoing.suspend();
    await endFlush(new Error("lost"));
    publish(80);
    expect(() => publish(1)).toThrow(full);
  });

  test("takes a late answer of an old connection for nothing", async () => {
    const { outgoing, publish, endFlush } = create();
    publish(80);
    outgoing.suspend();
    outgoing.resume();
    publish(80);
    await endFlush();
    expect(() => publish(1)).toThrow(full);
  });

  test("tells whose kept message cannot be sent, and goes on with the others", () => {
    const { outgoing, sent, errors, onUnsent, publish } = create();
    const error = new InferenceError("resourceExhausted", "too large by now");
    const send = (): void => {
      throw error;
    };
    outgoing.suspend();
    outgoing.publish({ bytes: 1, send, onUnsent });
    publish(1, "b");
    outgoing.resume();
    expect(sent).toEqual(["b"]);
    expect(errors).toEqual([error]);
  });
});
