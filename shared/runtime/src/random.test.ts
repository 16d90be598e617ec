import { isToken } from "@sluice/protocol";
import { describe, expect, test } from "vitest";
import { createId } from "./random.ts";

describe("createId()", () => {
  test("makes a subject token of 12 characters, after a prefix if one is given", () => {
    expect(createId()).toMatch(/^[A-Za-z0-9_-]{12}$/);
    expect(createId("worker")).toMatch(/^worker-[A-Za-z0-9_-]{12}$/);
    expect(isToken(createId("worker"))).toBe(true);
  });

  test("makes no id twice", () => {
    const ids = new Set(Array.from({ length: 1_000 }, () => createId()));
    expect(ids.size).toBe(1_000);
  });
});
