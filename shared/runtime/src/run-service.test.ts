import { EventEmitter } from "node:events";
import { describe, expect, test } from "vitest";
import type { Clock } from "./clock.ts";
import { createLogger } from "./logger.ts";
import { runService } from "./run-service.ts";
import { systemClock } from "./system-clock.ts";

/** A process that notes its exit codes, a clock that is set by hand, and the messages that were logged. */
function create() {
  const exits: number[] = [];
  const messages: unknown[] = [];
  const host = Object.assign(new EventEmitter(), { exit: (code: number) => void exits.push(code) });
  const scheduled = new Map<object, () => void>();
  let nowMs = 0;
  const clock: Clock = {
    ...systemClock,
    monotonicMs: () => nowMs,
    schedule(_, callback) {
      const timer = { [Symbol.dispose]: () => void scheduled.delete(timer) };
      scheduled.set(timer, callback);
      return timer;
    },
  };
  const log = createLogger({
    service: "worker",
    level: "debug",
    write: (line) => messages.push(JSON.parse(line).msg),
  });
  return {
    host,
    exits,
    messages,
    scheduled,
    options: { log, drainTimeoutMs: 5_000, clock, process: host },
    passMs: (durationMs: number) => {
      nowMs += durationMs;
    },
  };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}

const never = (): Promise<void> => new Promise(() => undefined);

describe("runService()", () => {
  test("exits 0 once the body resolves", async () => {
    const { host, exits, options } = create();
    await runService(options, async (shutdown) => expect(shutdown.aborted).toBe(false));
    expect(exits).toEqual([0]);
    expect(host.eventNames()).toEqual([]);
  });

  test.each(["SIGTERM", "SIGINT"])(
    "aborts shutdown at the first %s and exits 0 once drained",
    async (signal) => {
      const { host, exits, messages, scheduled, options } = create();
      const running = runService(options, aborted);
      host.emit(signal, signal);
      await running;
      expect(exits).toEqual([0]);
      expect(messages).toEqual(["shutdown requested", "service stopped"]);
      expect(scheduled.size).toBe(0);
    },
  );

  test("takes a second signal within a second for the same one", () => {
    const { host, exits, options, passMs } = create();
    void runService(options, never);
    host.emit("SIGINT", "SIGINT");
    passMs(999);
    host.emit("SIGINT", "SIGINT");
    expect(exits).toEqual([]);
  });

  test("exits 1 at a second signal a second later", () => {
    const { host, exits, options, passMs } = create();
    void runService(options, never);
    host.emit("SIGINT", "SIGINT");
    passMs(1_000);
    host.emit("SIGTERM", "SIGTERM");
    expect(exits).toEqual([1]);
  });

  test("exits 1 when draining takes too long", () => {
    const { host, exits, messages, scheduled, options } = create();
    void runService(options, never);
    host.emit("SIGTERM", "SIGTERM");
    for (const fire of scheduled.values()) fire();
    expect(exits).toEqual([1]);
    expect(messages).toEqual(["shutdown requested", "drain timed out"]);
  });

  test("logs a rejection once and exits 1", async () => {
    const { exits, messages, options } = create();
    await runService(options, () => Promise.reject(new Error("no port is free")));
    expect(exits).toEqual([1]);
    expect(messages).toEqual(["service failed"]);
  });

  test.each(["uncaughtException", "unhandledRejection"])("logs an %s once and exits 1", async (fault) => {
    const { host, exits, messages, options } = create();
    let end: () => void = () => undefined;
    const running = runService(options, () => new Promise((resolve) => (end = resolve)));
    host.emit(fault, new Error("a promise nobody awaits"));
    end();
    await running;
    expect(exits).toEqual([1]);
    expect(messages).toEqual(["service failed"]);
  });
});
