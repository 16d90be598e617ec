import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createLatencies } from "./latencies.ts";
import { quantile } from "./median.ts";

const latencyMs = fc.double({ min: 0.01, max: 100_000, noNaN: true });

describe("createLatencies()", () => {
  test("tells every quantile to three digits", () => {
    fc.assert(
      fc.property(
        fc.array(latencyMs, { minLength: 1 }),
        fc.double({ min: 0.01, max: 1, noNaN: true }),
        (values, share) => {
          const latencies = createLatencies();
          for (const value of values) latencies.record(value);
          const exactMs = quantile(Float64Array.from(values).sort(), share);
          expect(Math.abs(latencies.quantileMs(share) - exactMs)).toBeLessThanOrEqual(
            exactMs / 1000 + 0.0001,
          );
        },
      ),
    );
  });

  test("is the same whether one recorded all, or several did and were added up", () => {
    fc.assert(
      fc.property(fc.array(fc.array(latencyMs), { maxLength: 5 }), (parts) => {
        const whole = createLatencies();
        const sum = createLatencies();
        for (const values of parts) {
          const part = createLatencies();
          for (const value of values) {
            whole.record(value);
            part.record(value);
          }
          sum.add(part.encode());
        }
        expect(sum.count).toBe(whole.count);
        for (const share of [0.5, 0.9, 0.99, 0.999, 1]) {
          expect(sum.quantileMs(share)).toBe(whole.quantileMs(share));
        }
      }),
    );
  });

  test("knows no quantile of nothing", () => {
    expect(createLatencies().quantileMs(0.5)).toBeNaN();
    expect(createLatencies().meanMs()).toBeNaN();
  });

  test("counts a latency beyond its range as the longest it knows", () => {
    const latencies = createLatencies();
    latencies.record(1e9);
    expect(latencies.count).toBe(1);
    expect(latencies.quantileMs(1)).toBeGreaterThanOrEqual(200_000);
  });
});
