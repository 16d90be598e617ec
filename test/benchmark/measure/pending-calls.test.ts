import { describe, expect, test } from "vitest";
import { createPendingCalls } from "./pending-calls.ts";

describe("createPendingCalls()", () => {
  test("settles each call under the id it was sent with, in any order", async () => {
    const calls = createPendingCalls();
    const ids: string[] = [];
    const first = calls.open((id) => ids.push(id));
    const second = calls.open((id) => ids.push(id));
    calls.resolve(ids[1] ?? "", Float32Array.of(2));
    calls.reject(ids[0] ?? "", new Error("refused"));
    await expect(first).rejects.toThrow("refused");
    await expect(second).resolves.toEqual(Float32Array.of(2));
  });

  test("ignores a second answer and one to nobody", async () => {
    const calls = createPendingCalls();
    const answer = calls.open((id) => calls.resolve(id, Float32Array.of(1)));
    calls.reject("1", new Error("too late"));
    calls.resolve("2", Float32Array.of(2));
    await expect(answer).resolves.toEqual(Float32Array.of(1));
  });
});
