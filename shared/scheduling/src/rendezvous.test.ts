import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { rendezvousWinner } from "./rendezvous.ts";

const names = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 12 }), { minLength: 1, maxLength: 12 });

describe("rendezvousWinner()", () => {
  test("names nobody when there is nobody", () => {
    expect(rendezvousWinner("gpu", [])).toBeUndefined();
  });

  test("does not depend on the order of the candidates", () => {
    fc.assert(
      fc.property(fc.string(), names, (key, candidates) => {
        const winner = rendezvousWinner(key, candidates);
        expect(candidates).toContain(winner);
        expect(rendezvousWinner(key, candidates.toReversed())).toBe(winner);
      }),
    );
  });

  test("moves a key only to the one who came, and only away from the one who went", () => {
    fc.assert(
      fc.property(fc.string(), names, fc.string({ minLength: 13 }), (key, candidates, newcomer) => {
        const before = rendezvousWinner(key, candidates);
        const joined = rendezvousWinner(key, [...candidates, newcomer]);
        expect([before, newcomer]).toContain(joined);
        const loser = candidates.find((candidate) => candidate !== before);
        const left = rendezvousWinner(
          key,
          candidates.filter((candidate) => candidate !== loser),
        );
        expect(left).toBe(before);
      }),
    );
  });

  test("spreads keys evenly over similar names", () => {
    const counts = new Map<string, number>();
    const candidates = ["dispatcher-1", "dispatcher-2", "dispatcher-3", "dispatcher-4"];
    for (let index = 0; index < 4000; index++) {
      const winner = rendezvousWinner(`pool-${index}`, candidates) ?? "";
      counts.set(winner, (counts.get(winner) ?? 0) + 1);
    }
    for (const candidate of candidates) {
      expect(counts.get(candidate)).toBeGreaterThan(850);
      expect(counts.get(candidate)).toBeLessThan(1150);
    }
  });
});
