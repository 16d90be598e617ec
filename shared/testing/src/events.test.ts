import { describe, expect, test } from "vitest";
import { collectEvents } from "./events.ts";
import { createGate } from "./gate.ts";

type Event = { readonly type: "started"; readonly name: string } | { readonly type: "stopped" };

describe("collectEvents()", () => {
  test("gives events of a type out one by one, those that came and those that come", async () => {
    const events = collectEvents<Event>();
    events.onEvent({ type: "started", name: "a" });
    events.onEvent({ type: "stopped" });
    const [first, second] = [events.next("started"), events.next("started")];
    events.onEvent({ type: "started", name: "b" });
    expect([(await first).name, (await second).name]).toEqual(["a", "b"]);
    expect(await events.next("stopped")).toEqual({ type: "stopped" });
  });

  test("keeps them all and counts them", () => {
    const events = collectEvents<Event>();
    for (const name of ["a", "b"]) events.onEvent({ type: "started", name });
    expect(events.all).toHaveLength(2);
    expect([events.count("started"), events.count("stopped")]).toEqual([2, 0]);
  });
});

describe("createGate()", () => {
  test("holds whoever passes until it is opened, and nobody after", async () => {
    const gate = createGate();
    let hasPassed = false;
    const passing = gate.pass().then(() => {
      hasPassed = true;
    });
    await Promise.resolve();
    expect([gate.isOpen, hasPassed]).toEqual([false, false]);
    gate.open();
    await passing;
    await gate.pass();
    expect([gate.isOpen, hasPassed]).toEqual([true, true]);
  });
});
