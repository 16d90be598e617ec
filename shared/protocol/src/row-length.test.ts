import { describe, expect, test } from "vitest";
import { rowLength } from "./row-length.ts";

const input = (name: string, shape: readonly number[]) => ({ name, datatype: "FP32" as const, shape });

describe("rowLength()", () => {
  test.each([
    { what: "no open axis behind the batch axis", spec: [-1, 3], shape: [8, 3], length: 1 },
    { what: "one open axis", spec: [-1, -1], shape: [8, 17], length: 17 },
    { what: "open axes between others", spec: [-1, 3, -1, 48, -1], shape: [2, 3, 10, 48, 20], length: 200 },
    { what: "a lone batch axis", spec: [-1], shape: [8], length: 1 },
    { what: "an empty row", spec: [-1, -1], shape: [8, 0], length: 1 },
  ])("takes the open axes: $what", ({ spec, shape, length }) => {
    const inputs = [input("x", shape)];
    expect(rowLength([input("x", spec)], { inputs, hasBatchAxis: true })).toBe(length);
  });

  test("takes the first axis too where it is no batch axis", () => {
    expect(rowLength([input("x", [-1])], { inputs: [input("x", [9])], hasBatchAxis: false })).toBe(9);
  });

  test("takes the input that is longest, by name", () => {
    const specs = [input("a", [-1, -1]), input("b", [-1, -1])];
    const inputs = [input("b", [2, 30]), input("a", [2, 4])];
    expect(rowLength(specs, { inputs, hasBatchAxis: true })).toBe(30);
  });
});
