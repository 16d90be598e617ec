import { InferenceError } from "@sluice/protocol";
import { createFakeClock } from "@sluice/testing";
import { describe, expect, test } from "vitest";
import { createKeptProcess, type KeptProcessEvent } from "./kept-process.ts";
import type { RunningProcess } from "./running-process.ts";

interface FakeProcess extends RunningProcess {
  end(reason: string): void;
  readonly signals: string[];
}

/** A process that is ready at once, unless told otherwise, and ends when the test says so. */
function fakeProcess(
  pid: number,
  options: { readonly ready?: Promise<void>; readonly drains?: boolean } = {},
): FakeProcess {
  const { ready = Promise.resolve(), drains = true } = options;
  const signals: string[] = [];
  let end: (reason: string) => void = () => {};
  const exited = new Promise<string>((resolve) => {
    end = resolve;
  });
  return {
    pid,
    ready,
    exited,
    signals,
    end,
    logTail: () => `log of ${pid}`,
    stop() {
      signals.push("SIGTERM");
      if (drains) end("exit code 0");
    },
    kill() {
      signals.push("SIGKILL");
      end("signal SIGKILL");
    },
  };
}

function keep(processes: readonly FakeProcess[]) {
  const clock = createFakeClock();
  const events: KeptProcessEvent[] = [];
  const waiting = [...processes];
  const kept = createKeptProcess({
    name: "worker",
    clock,
    drainTimeoutMs: 1000,
    async launch() {
      const next = waiting.shift();
      if (next === undefined) throw new InferenceError("unavailable", "cannot start");
      return next;
    },
    onEvent: (event) => events.push(event),
  });
  return { clock, events, kept, types: () => events.map(({ type }) => type) };
}

describe("a kept process", () => {
  test("is started again after 250 ms when it ends unasked", async () => {
    const first = fakeProcess(1);
    const second = fakeProcess(2);
    const { clock, kept, types, events } = keep([first, second]);
    await kept.start();
    first.end("signal SIGSEGV");
    await clock.advance(249);
    expect(types()).toEqual(["starting", "started", "ready", "ended"]);
    expect(events.at(-1)).toEqual({ type: "ended", reason: "signal SIGSEGV", restartDelayMs: 250 });
    await clock.advance(1);
    expect(events.at(-1)).toMatchObject({ type: "ready", pid: 2 });
    await kept.stop();
    await kept.closed;
    expect(clock.pending).toBe(0);
  });

  test("is given up when it ends too often, with the end of its log", async () => {
    const first = fakeProcess(1);
    const { clock, kept, types } = keep([first]);
    await kept.start();
    const closed = expect(kept.closed).rejects.toThrow(/ended 6 times.*cannot start\nlog of 1/s);
    first.end("exit code 1");
    await clock.advance(60_000);
    await closed;
    expect(types().at(-1)).toBe("gaveUp");
    expect(clock.pending).toBe(0);
  });

  test("that cannot start the first time is not started again", async () => {
    const { kept, types } = keep([]);
    await expect(kept.start()).rejects.toThrow("cannot start");
    expect(types()).toEqual(["starting"]);
    await kept.stop();
  });

  test("is asked to drain, and killed only when that takes too long", async () => {
    const stubborn = fakeProcess(1, { drains: false });
    const { clock, kept, types } = keep([stubborn]);
    await kept.start();
    const stopped = kept.stop();
    await clock.advance(999);
    expect(stubborn.signals).toEqual(["SIGTERM"]);
    await clock.advance(1);
    await stopped;
    expect(stubborn.signals).toEqual(["SIGTERM", "SIGKILL"]);
    expect(types().slice(-3)).toEqual(["draining", "killed", "stopped"]);
  });

  test("that is stopped while it starts is stopped as soon as it runs", async () => {
    let reject: (error: Error) => void = () => {};
    const ready = new Promise<void>((_, fail) => {
      reject = fail;
    });
    const slow = fakeProcess(1, { ready });
    const { kept, clock } = keep([slow]);
    const started = expect(kept.start()).rejects.toThrow("ended before");
    const stopped = kept.stop();
    await clock.settle();
    expect(slow.signals).toContain("SIGTERM");
    reject(new Error("ended before it was ready"));
    await Promise.all([started, stopped]);
  });

  test("that is stopped while it waits for its next start stays down", async () => {
    const first = fakeProcess(1);
    const { clock, kept, types } = keep([first, fakeProcess(2)]);
    await kept.start();
    first.end("exit code 1");
    await clock.advance(100);
    await kept.stop();
    await kept.closed;
    expect(types()).not.toContain("gaveUp");
    expect(types().filter((type) => type === "started")).toHaveLength(1);
    expect(clock.pending).toBe(0);
  });

  test("that is killed is not started again", async () => {
    const first = fakeProcess(1);
    const { clock, kept, types } = keep([first, fakeProcess(2)]);
    await kept.start();
    kept.kill();
    await kept.closed;
    await clock.advance(10_000);
    expect(types()).toEqual(["starting", "started", "ready"]);
  });
});
