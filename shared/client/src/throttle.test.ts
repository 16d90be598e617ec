import { describe, expect, test } from "vitest";
import { createThrottle, refusalProbability, type Throttle } from "./throttle.ts";

describe("refusalProbability()", () => {
  test.each([
    { callCount: 0, acceptedCount: 0, probability: 0, why: "nothing is known" },
    { callCount: 119, acceptedCount: 0, probability: 0, why: "few calls overload nobody" },
    { callCount: 200, acceptedCount: 200, probability: 0, why: "all are accepted" },
    { callCount: 200, acceptedCount: 100, probability: 0, why: "half are accepted" },
    { callCount: 199, acceptedCount: 50, probability: 99 / 200, why: "a quarter is accepted" },
    { callCount: 1000, acceptedCount: 0, probability: 0.9, why: "one in ten still goes out" },
  ])("is $probability when $why", ({ callCount, acceptedCount, probability }) => {
    expect(refusalProbability({ callCount, acceptedCount })).toBeCloseTo(probability, 10);
  });
});

/** A seeded random source. */
function seeded(): () => number {
  let state = 1;
  return () => {
    state = (Math.imul(state, 48_271) >>> 0) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

/** Makes `perSecond` calls a second to a service that accepts `capacity` of them; the counts of the last second. */
function offer(
  throttle: Throttle,
  { fromMs, seconds, perSecond, capacity }: Record<"fromMs" | "seconds" | "perSecond" | "capacity", number>,
): { readonly sent: number; readonly accepted: number } {
  let sent = 0;
  let accepted = 0;
  for (let second = 0; second < seconds; second++) {
    sent = 0;
    accepted = 0;
    for (let call = 0; call < perSecond; call++) {
      const nowMs = fromMs + 1000 * second + (1000 * call) / perSecond;
      if (throttle.refuses(nowMs)) continue;
      sent += 1;
      // Spread over the second: one that is in excess is refused.
      if (accepted < ((call + 1) * capacity) / perSecond) {
        accepted += 1;
        throttle.accepted(nowMs);
      } else {
        throttle.refused(nowMs);
      }
    }
  }
  return { sent, accepted };
}

describe("createThrottle()", () => {
  test("sends everything while everything is accepted", () => {
    const throttle = createThrottle(() => 0);
    expect(offer(throttle, { fromMs: 0, seconds: 10, perSecond: 200, capacity: 200 }).sent).toBe(200);
  });

  test("sends about twice what is accepted in a lasting overload", () => {
    const throttle = createThrottle(seeded());
    const { sent, accepted } = offer(throttle, { fromMs: 0, seconds: 300, perSecond: 1000, capacity: 200 });
    expect(accepted).toBeGreaterThan(150);
    expect(sent / accepted).toBeGreaterThan(1.5);
    expect(sent / accepted).toBeLessThan(2.5);
  });

  test("sends all again within seconds once everything is accepted, however long nothing was", () => {
    const throttle = createThrottle(seeded());
    const load = { perSecond: 100 };
    const outage = offer(throttle, { ...load, fromMs: 0, seconds: 300, capacity: 0 });
    expect(outage.sent).toBeLessThan(25);
    const after = offer(throttle, { ...load, fromMs: 300_000, seconds: 5, capacity: 100 });
    expect(after).toEqual({ sent: 100, accepted: 100 });
  });

  test("forgets an outage by itself when nobody calls for two minutes", () => {
    const throttle = createThrottle(() => 0);
    for (let call = 0; call < 500; call++) throttle.refused(0);
    expect(throttle.refuses(1)).toBe(true);
    expect(throttle.refuses(125_000)).toBe(false);
  });
});
