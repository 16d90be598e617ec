import { InferenceError, requestDefaults, type InferenceRequest } from "@sluice/protocol";
import { aSignature } from "@sluice/testing";
import { describe, expect, test } from "vitest";
import { createRowChecks } from "./row-checks.ts";

const noTexts = { elementsPerByte: 0, maxLength: Infinity };

const inputs = [{ name: "x", datatype: "FP32" as const, shape: [2, 2] }];

/** A row as a pack is read: what rows have in common they share. */
function aRow(fields: Partial<InferenceRequest> = {}): InferenceRequest {
  return { ...requestDefaults, id: "r", inputs, body: [new Uint8Array(16)], ...fields };
}

const one = { items: 1, length: 1 };
const two = { items: 2, length: 1 };

describe("createRowChecks()", () => {
  test("counts the items of rows that are alike", () => {
    const checks = createRowChecks({ signature: aSignature(), texts: noTexts });
    expect([aRow(), aRow()].map(checks.shapeOf)).toEqual([two, two]);
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
    const checks = createRowChecks({ signature: aSignature(), texts: noTexts });
    checks.shapeOf(aRow());
    expect(() => checks.shapeOf(aRow(fields))).toThrow(message);
    expect(checks.shapeOf(aRow())).toEqual(two);
  });

  test("refuses rows that are alike by one error, and looks anew at the next that differs", () => {
    const checks = createRowChecks({ signature: aSignature(), texts: noTexts });
    const outputs = ["unknown"];
    const errorOf = (request: InferenceRequest): unknown => {
      try {
        return checks.shapeOf(request);
      } catch (error) {
        return error;
      }
    };
    const first = errorOf(aRow({ outputs }));
    expect(first).toBeInstanceOf(InferenceError);
    expect(errorOf(aRow({ outputs }))).toBe(first);
    expect(errorOf(aRow({ outputs: ["other"] }))).not.toBe(first);
    expect(errorOf(aRow())).toEqual(two);
    expect(errorOf(aRow())).toEqual(two);
  });

  test("makes a stack for the first refused row of a message only", () => {
    const limit = Error.stackTraceLimit;
    const checks = createRowChecks({ signature: aSignature(), texts: noTexts });
    const errors = ["a", "b", "c"].map((output) => {
      try {
        return checks.shapeOf(aRow({ outputs: [output] }));
      } catch (error) {
        return error;
      }
    });
    const hasStack = (error: unknown): boolean =>
      error instanceof Error && /\n\s+at /.test(error.stack ?? "");
    expect(errors.map(hasStack)).toEqual([true, false, false]);
    expect(errors.map((error) => InferenceError.from(error).code)).toEqual(
      errors.map(() => "invalidArgument"),
    );
    expect(checks.shapeOf(aRow())).toEqual(two);
    expect(Error.stackTraceLimit).toBe(limit);
  });

  test("counts anew when the layouts change", () => {
    const checks = createRowChecks({ signature: aSignature(), texts: noTexts });
    checks.shapeOf(aRow());
    const layouts = [{ name: "x", datatype: "FP32" as const, shape: [1, 2] }];
    expect(checks.shapeOf(aRow({ inputs: layouts, body: [new Uint8Array(8)] }))).toEqual(one);
  });

  test("looks into every body of texts", () => {
    const texts = { name: "x", datatype: "BYTES" as const, shape: [-1] };
    const signature = aSignature();
    const form = { name: "texts", inputs: [texts], outputs: [] };
    const checks = createRowChecks({ signature: { ...signature, forms: [form] }, texts: noTexts });
    const layouts = [{ ...texts, shape: [1] }];
    const row = (length: number): InferenceRequest =>
      aRow({ inputs: layouts, body: [Uint8Array.of(length, 0, 0, 0, 65)] });
    expect(checks.shapeOf(row(1))).toEqual(one);
    expect(() => checks.shapeOf(row(2))).toThrow("has 5 bytes");
  });

  test("tells the length of each row where rows differ", () => {
    const signature = aSignature();
    const x = { name: "x", datatype: "FP32" as const, shape: [-1, -1] };
    const open = { ...signature, forms: [{ name: "tensors", inputs: [x], outputs: [] }] };
    const checks = createRowChecks({ signature: open, texts: noTexts });
    const rowOf = (length: number): InferenceRequest =>
      aRow({ inputs: [{ ...x, shape: [1, length] }], body: [new Uint8Array(4 * length)] });
    expect([rowOf(3), rowOf(5)].map(checks.shapeOf)).toEqual([
      { items: 1, length: 3 },
      { items: 1, length: 5 },
    ]);
  });
});
