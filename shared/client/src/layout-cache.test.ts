import { describe, expect, test } from "vitest";
import { tensorOf } from "@sluice/protocol";
import { LayoutCache } from "./layout-cache.ts";

describe("LayoutCache", () => {
  test("gives equal inputs one list", () => {
    const cache = new LayoutCache();
    const first = cache.layoutsOf([tensorOf("x", Float32Array.of(1, 2), [1, 2])]);
    expect(first).toEqual([{ name: "x", datatype: "FP32", shape: [1, 2] }]);
    expect(cache.layoutsOf([tensorOf("x", Float32Array.of(3, 4), [1, 2])])).toBe(first);
  });

  test.each([
    ["name", tensorOf("z", Float32Array.of(1, 2), [1, 2])],
    ["datatype", tensorOf("x", Int32Array.of(1, 2), [1, 2])],
    ["size", tensorOf("x", Float32Array.of(1, 2), [2, 1])],
    ["rank", tensorOf("x", Float32Array.of(1, 2), [2])],
  ])("tells inputs apart that differ in %s", (_difference, tensor) => {
    const cache = new LayoutCache();
    cache.layoutsOf([tensorOf("x", Float32Array.of(1, 2), [1, 2])]);
    expect(cache.layoutsOf([tensor])).toEqual([
      { name: tensor.name, datatype: tensor.datatype, shape: tensor.shape },
    ]);
  });

  test("keeps what a request has when the caller changes a shape afterwards", () => {
    const cache = new LayoutCache();
    const shape = [1, 2];
    const layouts = cache.layoutsOf([tensorOf("x", Float32Array.of(1, 2), shape)]);
    shape[0] = 7;
    expect(layouts[0]?.shape).toEqual([1, 2]);
  });
});
