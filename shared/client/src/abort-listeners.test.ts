import { getEventListeners } from "node:events";
import { describe, expect, test } from "vitest";
import { onAborted } from "./abort-listeners.ts";

describe("onAborted()", () => {
  test("tells all calls of a signal with one listener", () => {
    const controller = new AbortController();
    const told: number[] = [];
    for (let call = 0; call < 20; call++) onAborted(controller.signal, () => told.push(call));
    expect(getEventListeners(controller.signal, "abort")).toHaveLength(1);
    controller.abort();
    expect(told).toHaveLength(20);
  });

  test("tells nobody who was taken back, and leaves no listener behind", () => {
    const controller = new AbortController();
    const told: string[] = [];
    const takeBack = onAborted(controller.signal, () => told.push("first"));
    onAborted(controller.signal, () => told.push("second"));
    takeBack();
    takeBack();
    controller.abort();
    expect(told).toEqual(["second"]);
    const other = new AbortController();
    onAborted(other.signal, () => told.push("other"))();
    expect(getEventListeners(other.signal, "abort")).toEqual([]);
  });

  test("tells who comes after all others were taken back", () => {
    const controller = new AbortController();
    const told: string[] = [];
    const takeBack = onAborted(controller.signal, () => told.push("first"));
    takeBack();
    onAborted(controller.signal, () => told.push("second"));
    takeBack();
    controller.abort();
    expect(told).toEqual(["second"]);
  });

  test("tells all others where taking one back is what the first does", () => {
    const controller = new AbortController();
    const told: string[] = [];
    const takeBacks: (() => void)[] = [];
    for (const name of ["a", "b", "c"]) {
      const takeBack = onAborted(controller.signal, () => {
        told.push(name);
        takeBack();
      });
      takeBacks.push(takeBack);
    }
    controller.abort();
    expect(told).toEqual(["a", "b", "c"]);
  });
});
