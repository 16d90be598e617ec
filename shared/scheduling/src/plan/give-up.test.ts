import { describe, expect, test } from "vitest";
import { anEntry, type NamedEntry } from "../contract/entries.ts";
import { chooseGivenUp } from "./give-up.ts";

/** One worker that is free at 0; a run takes 5 ms and 1 ms for each request, at most 32 of them. */
const options = {
  profile: { curve: { fixedMs: 5, perElementMs: 1, perPairMs: 0 }, margin: 1, drift: 1 },
  freeAtMs: [0],
  overheadMs: 0,
  maxItems: 32,
  maxDurationMs: Infinity,
  arrivals: undefined,
  fairShareOf: () => 0.5,
};

function requests(tenant: string, count: number, deadlineMs: number): NamedEntry[] {
  return Array.from({ length: count }, (_, index) => anEntry({ tenant, deadlineMs, arrival: index }));
}

/** How many of each tenant are given up. */
function givenUp(...waiting: readonly NamedEntry[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { tenant } of chooseGivenUp(waiting, options)) counts[tenant] = (counts[tenant] ?? 0) + 1;
  return counts;
}

describe("chooseGivenUp()", () => {
  test("gives up the most urgent of a tenant that waits alone where more of its others are in time by that", () => {
    expect(givenUp(...requests("a", 6, 8), ...requests("a", 40, 50))).toEqual({ a: 6 });
  });

  test("gives up nobody where nothing is gained by it", () => {
    expect(givenUp(...requests("a", 3, 8), ...requests("a", 3, 80))).toEqual({});
  });

  test("gives up nobody of a tenant that has no more waiting than its part of a full batch", () => {
    expect(givenUp(...requests("little", 6, 8), ...requests("much", 40, 50))).toEqual({});
  });

  test("lets each of several tenants keep its part of a full batch", () => {
    expect(givenUp(...requests("a", 30, 8), ...requests("b", 64, 74))).toEqual({ a: 14 });
  });

  test("lets a tenant keep by its fair share: three times as much where it is due three times as much", () => {
    const urgent = requests("a", 30, 8);
    const keptOf = (shares: Readonly<Record<string, number>>): number => {
      const waiting = [...urgent, ...requests("b", 64, 74)];
      const fairShareOf = (tenant: string): number => shares[tenant] ?? 0;
      return urgent.length - chooseGivenUp(waiting, { ...options, fairShareOf }).length;
    };
    expect(keptOf({ a: 0.25, b: 0.25 })).toBe(16);
    expect(keptOf({ a: 0.75, b: 0.25 })).toBe(24);
    expect(keptOf({ a: 0.125, b: 0.375 })).toBe(8);
  });

  test("goes by what waits, not by who came first: patient requests came earlier and wait longer", () => {
    const patient = requests("b", 64, 74);
    const urgent = requests("a", 30, 8).map((entry) => ({ ...entry, arrival: 1000 + entry.arrival }));
    expect(givenUp(...urgent, ...patient)).toEqual({ a: 14 });
  });
});
