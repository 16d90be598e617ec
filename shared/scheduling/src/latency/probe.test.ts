import { describe, expect, test } from "vitest";
import { createProbe } from "./probe.ts";

const fast = { tookMs: 5, predictedMs: 60 };
const slow = { tookMs: 55, predictedMs: 60 };

describe("createProbe()", () => {
  test("lets one item run 250 ms after the first refusal, then every 250 ms", () => {
    const probe = createProbe();
    const ranAtMs = [];
    for (let nowMs = 1000; nowMs <= 1600; nowMs += 10) if (probe.refuse(nowMs)) ranAtMs.push(nowMs);
    expect(ranAtMs).toEqual([1250, 1500]);
  });

  test("waits half as long after each fast probe, down to 8 ms, and in full after one that is not", () => {
    const probe = createProbe();
    const ranAtMs = [];
    for (let nowMs = 0; ranAtMs.length < 8; nowMs += 1) {
      if (!probe.refuse(nowMs)) continue;
      ranAtMs.push(nowMs);
      probe.end(ranAtMs.length < 7 ? fast : slow);
    }
    expect(ranAtMs).toEqual([250, 375, 438, 470, 486, 494, 502, 752]);
  });

  test("begins anew once something was predicted to be in time", () => {
    const probe = createProbe();
    probe.refuse(0);
    probe.refuse(250);
    probe.end(fast);
    probe.accept();
    expect(probe.refuse(300)).toBe(false);
    expect(probe.refuse(549)).toBe(false);
    expect(probe.refuse(550)).toBe(true);
  });
});
