import { describe, expect, test } from "vitest";

import { createRoundTrip } from "./round-trip.ts";

describe("createRoundTrip()", () => {
  test("assumes a millisecond before anything was observed", () => {
    expect(createRoundTrip().p95Ms()).toBe(1);
  });

  test("makes nothing of three slow messages of a process that has just started", () => {
    const roundTrip = createRoundTrip();
    for (let index = 0; index < 3; index++) roundTrip.observe(15);
    expect(roundTrip.p95Ms()).toBe(1);
    roundTrip.observe(15);
    expect(roundTrip.p95Ms()).toBe(15);
  });

  test("leaves the slowest twentieth out", () => {
    const roundTrip = createRoundTrip();
    for (let index = 1; index <= 64; index++) roundTrip.observe(index <= 61 ? 2 : 15);
    expect(roundTrip.p95Ms()).toBe(2);
    expect(roundTrip.medianMs()).toBe(2);
    roundTrip.observe(15);
    roundTrip.observe(15);
    expect(roundTrip.p95Ms()).toBe(15);
  });

  test("forgets all but the last 64", () => {
    const roundTrip = createRoundTrip();
    for (let index = 0; index < 64; index++) roundTrip.observe(10);
    for (let index = 0; index < 64; index++) roundTrip.observe(1);
    expect(roundTrip.p95Ms()).toBe(1);
  });

  test("does not let a stall count for more than 20 ms", () => {
    const roundTrip = createRoundTrip();
    for (let index = 0; index < 64; index++) roundTrip.observe(5000);
    expect(roundTrip.p95Ms()).toBe(20);
  });
});
