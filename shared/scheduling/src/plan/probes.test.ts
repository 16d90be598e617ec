import { describe, expect, test } from "vitest";
import { createProbes } from "./probes.ts";

describe("createProbes()", () => {
  test("keeps the models of each worker apart", () => {
    const probes = createProbes();
    expect(probes.refuse("w1", "m", 0)).toBe(false);
    expect(probes.refuse("w1", "n", 200)).toBe(false);
    expect(probes.refuse("w2", "m", 200)).toBe(false);
    expect(probes.refuse("w1", "m", 250)).toBe(true);
    expect(probes.refuse("w1", "n", 250)).toBe(false);
    expect(probes.refuse("w2", "m", 250)).toBe(false);
  });

  test("comes earlier after a fast probe", () => {
    const probes = createProbes();
    probes.refuse("w1", "m", 0);
    probes.refuse("w1", "m", 250);
    probes.end("w1", "m", { tookMs: 1, predictedMs: 60 });
    expect(probes.refuse("w1", "m", 375)).toBe(true);
  });

  test.each([
    [
      "once a prediction has accepted something",
      (probes: ReturnType<typeof createProbes>) => probes.accept("w1", "m"),
    ],
    ["with its worker", (probes: ReturnType<typeof createProbes>) => probes.forget("w1")],
  ])("begins anew %s", (_when, act) => {
    const probes = createProbes();
    probes.refuse("w1", "m", 0);
    act(probes);
    expect(probes.refuse("w1", "m", 250)).toBe(false);
    expect(probes.refuse("w1", "m", 500)).toBe(true);
  });
});
