import { describe, expect, test } from "vitest";
import { anEntry, someLimits, type NamedEntry } from "../contract/entries.ts";
import { createFairQueue, type FairQueue } from "../fair/fair-queue.ts";
import { createTestPolicies } from "../fair/pool.fixture.ts";
import { runOverload, type OverloadOutcome } from "./overload.fixture.ts";
import { createTurnForecast } from "./turn-forecast.ts";

/** A queue with `count` requests of one lane; one of them was taken each millisecond of the first second. */
function aLane(count: number, fields: Partial<NamedEntry> = {}) {
  const queue: FairQueue<NamedEntry> = createFairQueue({ policies: createTestPolicies() });
  const forecast = createTurnForecast({ queue });
  for (let arrival = 1; arrival <= count + 1000; arrival++) queue.add(anEntry({ arrival, ...fields }));
  const next = (more: Partial<NamedEntry> = {}) => anEntry({ arrival: 1_000_000, ...more });
  expect(forecast.lateness(next({ deadlineMs: Infinity }), 0)).toBeUndefined();
  for (let taken = 0; taken < 1000; taken++) queue.take(someLimits({ most: 1 }), 0);
  return { queue, forecast, next };
}

describe("createTurnForecast()", () => {
  test("tells by how much a request comes too late at the pace of its lane", () => {
    const { forecast, next } = aLane(4000, { deadlineMs: 10_000 });
    const lateness = forecast.lateness(next({ deadlineMs: 3000 + 1000, priority: -1 }), 1000);
    expect(lateness?.waitMs).toBeCloseTo(4000);
    expect(lateness?.lateMs).toBeCloseTo(4000 + 1 - 3000);
  });

  test("leaves a request its chance as long as a quarter more pace would do", () => {
    const { forecast, next } = aLane(4000, { deadlineMs: 10_000 });
    const ofTimeout = (timeoutMs: number) =>
      forecast.lateness(next({ deadlineMs: 1000 + timeoutMs, priority: -1 }), 1000);
    expect(ofTimeout(3200)).toBeDefined();
    expect(ofTimeout(3202)).toBeUndefined();
  });

  test("counts only what goes before the request", () => {
    const { forecast, next } = aLane(4000, { deadlineMs: 10_000 });
    expect(forecast.lateness(next({ deadlineMs: 1100 }), 1000)).toBeUndefined();
    expect(forecast.lateness(next({ deadlineMs: 1100, priority: 1 }), 1000)).toBeUndefined();
  });

  test("refuses nothing for what is gone long before the request is due", () => {
    const { forecast, next } = aLane(40_000, { deadlineMs: 2000 });
    expect(forecast.lateness(next({ deadlineMs: 11_000 }), 1000)).toBeUndefined();
  });

  test("knows nothing of a lane that was empty a moment ago", () => {
    const { queue, forecast, next } = aLane(0);
    for (let arrival = 2000; arrival < 6000; arrival++) queue.add(anEntry({ arrival, deadlineMs: 10_000 }));
    expect(forecast.lateness(next({ deadlineMs: 1001, priority: -1 }), 1000)).toBeUndefined();
  });

  test("knows nothing of tenants and models that have nothing waiting", () => {
    const { forecast, next } = aLane(4000);
    expect(forecast.lateness(next({ tenant: "other", deadlineMs: 1001 }), 1000)).toBeUndefined();
    expect(forecast.lateness(next({ model: "other", deadlineMs: 1001 }), 1000)).toBeUndefined();
  });
});

/** Two workers that take 5 + n milliseconds for n of at most 16 requests: 1,523 requests a second. */
const pool = {
  workerCount: 2,
  mostItems: 16,
  runMs: (items: number) => 5 + items,
  untilMs: 12_000,
  countedUntilMs: 9000,
};
const capacity = 1523;

interface Comparison {
  readonly tenant: string;
  readonly refusing: OverloadOutcome;
  readonly waiting: OverloadOutcome;
}

/** The same requests of three tenants with different loads, timeouts and weights, with and without refusing. */
function compare(load: number, timeoutMs: number): Comparison[] {
  const streams = [
    { tenant: "noisy", perSecond: 0.6 * load * capacity, timeoutMs },
    { tenant: "heavy", perSecond: 0.3 * load * capacity, timeoutMs: 3 * timeoutMs, weight: 2 },
    { tenant: "quiet", perSecond: 0.1 * load * capacity, timeoutMs },
  ];
  const run = (refuses: boolean) => runOverload({ ...pool, streams, seed: 1, refuses });
  const waiting = run(false);
  return [...run(true)].map(([tenant, refusing]) => {
    const other = waiting.get(tenant);
    if (other === undefined) throw new Error(`no outcome of ${tenant}`);
    return { tenant, refusing, waiting: other };
  });
}

describe("refusing what has no chance", () => {
  test.each([0.5, 0.95])("refuses nobody at %s of what the workers can do", (load) => {
    for (const { refusing } of compare(load, 200)) expect(refusing.refusedCount).toBe(0);
  });

  test.each([
    { load: 1.05, timeoutMs: 100 },
    { load: 1.2, timeoutMs: 1000 },
    { load: 1.5, timeoutMs: 100 },
    { load: 2.5, timeoutMs: 100 },
    { load: 2.5, timeoutMs: 1000 },
  ])("takes from no tenant what it would have been answered in time, at a load of $load", (situation) => {
    for (const { refusing, waiting } of compare(situation.load, situation.timeoutMs)) {
      expect(refusing.inTimeCount).toBeGreaterThanOrEqual(0.995 * waiting.inTimeCount);
    }
  });

  test("tells most of those at once that wait in vain in a lasting overload", () => {
    const [noisy] = compare(2.5, 1000);
    const { requestCount = 0, inTimeCount = 0, refusedCount = 0 } = noisy?.refusing ?? {};
    expect(refusedCount).toBeGreaterThan(0.8 * (requestCount - inTimeCount));
  });
});
