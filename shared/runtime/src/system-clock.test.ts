import { getActiveResourcesInfo } from "node:process";
import { describe, expect, test, vi } from "vitest";
import { systemClock } from "./system-clock.ts";

function activeTimers(): number {
  return getActiveResourcesInfo().filter((resource) => resource === "Timeout").length;
}

describe("systemClock", () => {
  test("sleeps for at least about the time it was given", async () => {
    const startedMs = systemClock.monotonicMs();
    await systemClock.sleep(20);
    // Timers count whole milliseconds, so they may fire up to one early.
    expect(systemClock.monotonicMs() - startedMs).toBeGreaterThanOrEqual(19);
  });

  test("ends a sleep with the signal's reason and leaves neither timer nor listener", async () => {
    const caller = new AbortController();
    const removed = vi.spyOn(caller.signal, "removeEventListener");
    const before = activeTimers();
    const sleep = systemClock.sleep(60_000, caller.signal);
    expect(activeTimers()).toBe(before + 1);
    caller.abort(new Error("enough"));
    await expect(sleep).rejects.toThrow("enough");
    expect(activeTimers()).toBe(before);
    expect(removed).not.toHaveBeenCalled();
  });

  test("removes its listener from the signal when a sleep ends by itself", async () => {
    const { signal } = new AbortController();
    const added = vi.spyOn(signal, "addEventListener");
    const removed = vi.spyOn(signal, "removeEventListener");
    await systemClock.sleep(1, signal);
    expect(removed.mock.calls.map(([, listener]) => listener)).toEqual(
      added.mock.calls.map(([, listener]) => listener),
    );
  });

  test("refuses to sleep under a signal that is aborted already", async () => {
    await expect(systemClock.sleep(60_000, AbortSignal.abort(new Error("too late")))).rejects.toThrow(
      "too late",
    );
  });

  test("does not take a delay that is too long for a timer as none", async () => {
    let hasFired = false;
    using _timer = systemClock.schedule(2 ** 40, () => {
      hasFired = true;
    });
    await systemClock.sleep(5);
    expect(hasFired).toBe(false);
  });

  test("schedules once, repeats until disposed, and forgets what is disposed before", async () => {
    const seen: string[] = [];
    systemClock.schedule(0, () => seen.push("never"))[Symbol.dispose]();
    systemClock.afterRead(() => seen.push("never"))[Symbol.dispose]();
    await new Promise<void>((resolve) => {
      systemClock.schedule(1, () => seen.push("once"));
      const every = systemClock.every(2, () => {
        seen.push("tick");
        if (seen.filter((entry) => entry === "tick").length < 3) return;
        every[Symbol.dispose]();
        resolve();
      });
    });
    expect(seen).toEqual(["once", "tick", "tick", "tick"]);
  });

  test("runs afterRead once everything that is ready has run", async () => {
    const seen: string[] = [];
    await new Promise<void>((resolve) => {
      systemClock.afterRead(() => {
        seen.push("after");
        resolve();
      });
      queueMicrotask(() => seen.push("ready"));
    });
    expect(seen).toEqual(["ready", "after"]);
  });
});
