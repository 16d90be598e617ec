import { describe, expect, test } from "vitest";
import { attribute, batchMs, capacityPerSecond, oneByOne } from "./engine.ts";
import { aRequest } from "./request.fixture.ts";

const engine = { runMs: 5, requestMs: 1, maxBatchItems: 8 };

describe("batchMs()", () => {
  test("adds what every request costs to what every run costs", () => {
    expect(batchMs(engine, [aRequest({ costFactor: 1 }), aRequest({ costFactor: 10 })])).toBe(16);
    expect(batchMs(oneByOne(50), [aRequest({ costFactor: 3 })])).toBe(150);
  });
});

describe("attribute()", () => {
  test("splits a batch as the times that its requests take alone", () => {
    const costsMs = attribute(engine, [aRequest({ costFactor: 1 }), aRequest({ costFactor: 13 })]).map(
      ({ costMs }) => costMs,
    );
    expect(costsMs).toEqual([(19 * 6) / 24, (19 * 18) / 24]);
  });

  test("charges the batch, all of it and no more", () => {
    const requests = [0.5, 1, 2, 7].map((costFactor) => aRequest({ costFactor }));
    const sum = attribute(engine, requests).reduce((total, { costMs }) => total + costMs, 0);
    expect(sum).toBeCloseTo(batchMs(engine, requests), 9);
  });
});

describe("capacityPerSecond()", () => {
  test("counts full batches", () => {
    expect(capacityPerSecond(oneByOne(10))).toBe(100);
    expect(capacityPerSecond(engine)).toBe(8000 / 13);
  });
});
