import { describe, expect, test } from "vitest";
import { createAfterRead } from "./after-read.ts";

/** Resolves in a later turn of the event loop. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

describe("createAfterRead()", () => {
  test("calls all who wait in their order, before anything that they make ready", async () => {
    const afterRead = createAfterRead();
    const seen: string[] = [];
    afterRead(() => {
      seen.push("first");
      queueMicrotask(() => seen.push("ready"));
    });
    afterRead(() => seen.push("second"));
    await nextTurn();
    expect(seen).toEqual(["first", "second", "ready"]);
  });

  test("lets who asks meanwhile wait for the next read", async () => {
    const afterRead = createAfterRead();
    const seen: string[] = [];
    afterRead(() => {
      afterRead(() => seen.push("later"));
      queueMicrotask(() => seen.push("ready"));
    });
    await nextTurn();
    await nextTurn();
    expect(seen).toEqual(["ready", "later"]);
  });

  test("does not call who was disposed, even by one before it", async () => {
    const afterRead = createAfterRead();
    const seen: string[] = [];
    afterRead(() => other[Symbol.dispose]());
    const other = afterRead(() => seen.push("never"));
    afterRead(() => seen.push("last"));
    await nextTurn();
    expect(seen).toEqual(["last"]);
  });

  test("calls the others in the next turn when one throws", async () => {
    const afterRead = createAfterRead();
    const seen: string[] = [];
    const thrown = new Promise<unknown>((resolve) => {
      const listeners = process.listeners("uncaughtException");
      process.removeAllListeners("uncaughtException");
      process.once("uncaughtException", (error) => {
        for (const listener of listeners) process.on("uncaughtException", listener);
        resolve(error);
      });
    });
    const mistake = new Error("a mistake");
    afterRead(() => {
      throw mistake;
    });
    afterRead(() => seen.push("second"));
    expect(await thrown).toBe(mistake);
    await nextTurn();
    await nextTurn();
    expect(seen).toEqual(["second"]);
  });
});
