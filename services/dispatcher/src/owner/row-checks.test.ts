import { requestDefaults, type InferenceRequest } from "@sluice/protocol";
import { aSignature } from "@sluice/testing";
import { describe, expect, test } from "vitest";
import { createRowChecks } from "./row-checks.ts";

const inputs = [{ name: "x", datatype: "FP32" as const, shape: [2, 2] }];

/** A row as a pack is read: what rows have in common they share. */
function aRow(fields: Partial<InferenceRequest> = {}): InferenceRequest {
  return { ...requestDefaults, id: "r", inputs, body: [new Uint8Array(16)], ...fields };
}

describe("createRowChecks()", () => {
  test("counts the items of rows that are alike", () => {
    const checks = createRowChecks(aSignature());
    expect([aRow(), aRow()].map(checks.itemsOf)).toEqual([2, 2]);
  });

  test.each([
    ["another body length", { body: [new Uint8Array(15)] }, "has 15 bytes"],
    [
      "other layouts",
      { inputs: [{ name: "y", datatype: "FP32" as const, shape: [2, 2] }] },
      "the inputs are",
    ],
    ["other parameters", { parameters: { unknown: 1 } }, 'parameter "unknown"'],
    ["other outputs", { outputs: ["unknown"] }, 'output "unknown"'],
  ])("refuses a row that is like the one before it but for %s", (_what, fields, message) => {
    const checks = createRowChecks(aSignature());
    checks.itemsOf(aRow());
    expect(() => checks.itemsOf(aRow(fields))).toThrow(message);
    expect(checks.itemsOf(aRow())).toBe(2);
  });

  test("counts anew when the layouts change", () => {
    const checks = createRowChecks(aSignature());
    checks.itemsOf(aRow());
    const one = [{ name: "x", datatype: "FP32" as const, shape: [1, 2] }];
    expect(checks.itemsOf(aRow({ inputs: one, body: [new Uint8Array(8)] }))).toBe(1);
  });

  test("looks into every body of texts", () => {
    const texts = { name: "x", datatype: "BYTES" as const, shape: [-1] };
    const signature = aSignature();
    const form = { name: "texts", inputs: [texts], outputs: [] };
    const checks = createRowChecks({ ...signature, forms: [form] });
    const layouts = [{ ...texts, shape: [1] }];
    const row = (length: number): InferenceRequest =>
      aRow({ inputs: layouts, body: [Uint8Array.of(length, 0, 0, 0, 65)] });
    expect(checks.itemsOf(row(1))).toBe(1);
    expect(() => checks.itemsOf(row(2))).toThrow("has 5 bytes");
  });
});
