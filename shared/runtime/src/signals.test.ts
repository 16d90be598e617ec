import { getEventListeners } from "node:events";
import { describe, expect, test } from "vitest";
import { linkSignals } from "./signals.ts";

describe("linkSignals()", () => {
  test("aborts with the reason of the first source that aborts", () => {
    const [one, other] = [new AbortController(), new AbortController()];
    const link = linkSignals(one.signal, other.signal);
    other.abort(new Error("other"));
    one.abort(new Error("one"));
    expect(link.signal.reason).toEqual(new Error("other"));
  });

  test("is aborted from the start when a source is", () => {
    const { signal } = new AbortController();
    const link = linkSignals(signal, AbortSignal.abort(new Error("before")));
    expect(link.signal.reason).toEqual(new Error("before"));
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });

  test("skips sources that are not there", () => {
    const source = new AbortController();
    const link = linkSignals(undefined, source.signal, undefined);
    expect(link.signal.aborted).toBe(false);
    source.abort();
    expect(link.signal.aborted).toBe(true);
  });

  test("aborts for a cause of its own, without touching its sources", () => {
    const source = new AbortController();
    const link = linkSignals(source.signal);
    link.abort(new Error("deadline"));
    expect(link.signal.reason).toEqual(new Error("deadline"));
    expect(source.signal.aborted).toBe(false);
  });

  test.each([
    ["disposed", (link: ReturnType<typeof linkSignals>) => link[Symbol.dispose]()],
    ["aborted", (link: ReturnType<typeof linkSignals>) => link.abort("over")],
  ])("leaves no listener on its sources once it is %s", (_, end) => {
    const [one, other] = [new AbortController(), new AbortController()];
    const link = linkSignals(one.signal, other.signal);
    expect(getEventListeners(one.signal, "abort")).toHaveLength(1);
    end(link);
    expect(getEventListeners(one.signal, "abort")).toEqual([]);
    expect(getEventListeners(other.signal, "abort")).toEqual([]);
  });

  test("does not follow its sources once it is disposed", () => {
    const source = new AbortController();
    const link = linkSignals(source.signal);
    link[Symbol.dispose]();
    source.abort();
    expect(link.signal.aborted).toBe(false);
  });
});
