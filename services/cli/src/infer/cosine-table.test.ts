import { tensorOf } from "@sluice/protocol";
import { describe, expect, test } from "vitest";
import { cosineTable, formatCosineTable } from "./cosine-table.ts";

describe("cosineTable", () => {
  test("compares the rows of the first vector output with each other", () => {
    const label = tensorOf("label", ["a", "b"]);
    const vectors = tensorOf("embedding", new Float32Array([1, 0, 3, 4]), [2, 2]);
    const [first, second] = cosineTable([label, vectors]);
    expect(first?.[0]).toBeCloseTo(1);
    expect(first?.[1]).toBeCloseTo(0.6);
    expect(second?.[0]).toBeCloseTo(0.6);
  });

  test("says so when the model gives no vectors", () => {
    expect(() => cosineTable([tensorOf("label", ["a"])])).toThrow(
      expect.objectContaining({ code: "invalidArgument" }),
    );
  });

  test("is printed with its texts", () => {
    expect(
      formatCosineTable(
        [
          [1, 0.5],
          [0.5, 1],
        ],
        ["a", "bb"],
      ),
    ).toBe("   text  1       2\n1  a     1.0000  0.5000\n2  bb    0.5000  1.0000\n");
  });
});
