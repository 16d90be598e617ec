import { describe, expect, test } from "vitest";
import { createHeartbeatWatch } from "./heartbeat-watch.ts";
import { createLeaseClock } from "./lease-clock.ts";
import { createSuccession } from "./succession.ts";

describe("createHeartbeatWatch()", () => {
  const create = () => createHeartbeatWatch({ silenceMs: 2000, gapMs: 1000 });

  /** Watches without a gap until `untilMs`. */
  const watch = (watcher: ReturnType<typeof create>, fromMs: number, untilMs: number): void => {
    for (let nowMs = fromMs; nowMs <= untilMs; nowMs += 500) watcher.watching(nowMs);
  };

  test("holds who never beat for dead", () => {
    expect(create().isAlive("a", 0)).toBe(false);
  });

  test("holds a name for dead after 2 s without a new revision", () => {
    const watcher = create();
    watcher.watching(0);
    watcher.beat("a", 1, 100);
    watch(watcher, 500, 2000);
    expect(watcher.isAlive("a", 2099)).toBe(true);
    expect(watcher.isAlive("a", 2100)).toBe(false);
    expect(watcher.living(2100)).toEqual([]);
  });

  test("takes a repeated revision for no sign of life", () => {
    const watcher = create();
    watcher.watching(0);
    watcher.beat("a", 5, 0);
    watch(watcher, 500, 1500);
    watcher.beat("a", 5, 1500);
    expect(watcher.isAlive("a", 2000)).toBe(false);
    watcher.beat("a", 6, 2000);
    expect(watcher.living(2000)).toEqual(["a"]);
  });

  test("takes a smaller revision for one of heartbeats that are kept anew", () => {
    const watcher = create();
    watcher.watching(0);
    watcher.beat("a", 500, 0);
    watch(watcher, 500, 1500);
    watcher.beat("a", 1, 1500);
    expect(watcher.isAlive("a", 2000)).toBe(true);
  });

  test("starts every silence again after a gap in its own watching", () => {
    const watcher = create();
    watcher.watching(0);
    watcher.beat("a", 1, 0);
    watcher.watching(5000);
    expect(watcher.isAlive("a", 6999)).toBe(true);
    watch(watcher, 5500, 7000);
    expect(watcher.isAlive("a", 7000)).toBe(false);
  });

  test("tells who has been silent for so long", () => {
    const watcher = create();
    watcher.watching(0);
    watcher.beat("a", 1, 0);
    watcher.beat("b", 2, 500);
    expect(watcher.silent(1000, 999)).toEqual([]);
    expect(watcher.silent(1000, 1000)).toEqual(["a"]);
    watcher.forget("a");
    expect(watcher.silent(1000, 1000)).toEqual([]);
  });

  test("forgets who said goodbye at once", () => {
    const watcher = create();
    watcher.beat("a", 1, 0);
    watcher.forget("a");
    expect(watcher.isAlive("a", 0)).toBe(false);
  });
});

describe("createLeaseClock()", () => {
  test("is not valid before the first acknowledgement", () => {
    expect(createLeaseClock({ leaseMs: 2000 }).isValid(0)).toBe(false);
  });

  test("counts from before the send of the last acknowledged heartbeat", () => {
    const lease = createLeaseClock({ leaseMs: 2000 });
    lease.acknowledge(1000);
    expect(lease.isValid(2999)).toBe(true);
    expect(lease.isValid(3000)).toBe(false);
  });

  test("ignores a late acknowledgement of an older heartbeat", () => {
    const lease = createLeaseClock({ leaseMs: 2000 });
    lease.acknowledge(1500);
    lease.acknowledge(1000);
    expect(lease.isValid(3400)).toBe(true);
  });
});

describe("createSuccession()", () => {
  const create = () => createSuccession({ self: "a", settleMs: 2000 });

  test("names a successor once it has been named for 2 s", () => {
    const succession = create();
    expect(succession.name("b", 0)).toBeUndefined();
    expect(succession.name("b", 1999)).toBeUndefined();
    expect(succession.name("b", 2000)).toBe("b");
  });

  test("starts again when another was named in between", () => {
    const succession = create();
    succession.name("b", 0);
    succession.name("a", 1000);
    expect(succession.name("b", 2000)).toBeUndefined();
    expect(succession.name("c", 3999)).toBeUndefined();
    expect(succession.name("c", 5999)).toBe("c");
  });

  test("never names itself or nobody", () => {
    const succession = create();
    succession.name("a", 0);
    expect(succession.name("a", 9000)).toBeUndefined();
    succession.name(undefined, 9000);
    expect(succession.name(undefined, 99_000)).toBeUndefined();
  });
});
