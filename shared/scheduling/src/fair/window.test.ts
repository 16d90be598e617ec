import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { anEntry, keysOf, someLimits, type NamedEntry } from "../contract/entries.ts";
import type { SharePolicies } from "../share-policy.ts";
import { createFairQueue, type FairQueue } from "./fair-queue.ts";
import { createTestPolicies } from "./pool.fixture.ts";
import type { BatchChoice, Verdict } from "./window.ts";

/** One guarantee at a time: of two that are owed as much, any may go first. */
const guaranteed = (sure: number, group: number): SharePolicies =>
  createTestPolicies(
    {
      heavy: { weight: 3 },
      sure: { minShare: sure },
      inside: { group: "g" },
      beside: { group: "g", weight: 2 },
      urgent: { class: "urgent" },
      background: { class: "background", group: "g" },
    },
    { g: { weight: 2, minShare: group } },
  );

const aTenant = fc.constantFrom("plain", "heavy", "sure", "inside", "beside", "urgent", "background");
const create = (policies: SharePolicies = guaranteed(0.4, 0)): FairQueue<NamedEntry> =>
  createFairQueue<NamedEntry>({ policies });

/** Holds `count` requests and takes those of them that `isTaken` names. */
function choose(count: number, isTaken: (entry: NamedEntry) => boolean): BatchChoice<NamedEntry> {
  let seen = 0;
  return {
    look: () => (seen++ < count ? "hold" : "end"),
    choose: (held) => held.filter(isTaken),
  };
}

function takeAll(count: number): BatchChoice<NamedEntry> {
  return { ...choose(count, () => true), choose: (held) => held };
}

interface Step {
  readonly adds: readonly { readonly tenant: string; readonly model: string; readonly priority: number }[];
  readonly looked: number;
  readonly taken: number;
  readonly settled: number;
}

const aStep: fc.Arbitrary<Step> = fc.record({
  adds: fc.array(
    fc.record({
      tenant: aTenant,
      model: fc.constantFrom("m", "n"),
      priority: fc.integer({ min: 0, max: 1 }),
    }),
    { maxLength: 6 },
  ),
  looked: fc.integer({ min: 1, max: 12 }),
  taken: fc.integer({ min: 1, max: 4 }),
  settled: fc.integer({ min: 0, max: 4 }),
});

/** A queue with what was taken from it, and a way to take a step with both. */
function createPlayer(models: readonly string[], policies?: SharePolicies) {
  const queue = create(policies);
  const running: NamedEntry[] = [];
  let arrival = 0;
  return {
    queue,
    add: (adds: Step["adds"]): void => {
      for (const add of adds) queue.add(anEntry({ ...add, arrival: (arrival += 1) }));
    },
    take: (count: number): string[] => {
      const taken = queue.take(someLimits({ models, most: count }), 0);
      running.push(...taken);
      return keysOf(taken);
    },
    took: (taken: readonly NamedEntry[]): void => void running.push(...taken),
    settle: (count: number): void => {
      for (const entry of running.splice(0, count)) queue.settle(entry, 1 + (entry.arrival % 7));
    },
    standings: () =>
      [...queue.shares()].map(({ tenant, v, inFlight, waiting }) => ({ tenant, v, inFlight, waiting })),
  };
}

describe("the window of a fair queue", () => {
  test.each([
    ["a tenant", guaranteed(0.4, 0)],
    ["a group", guaranteed(0, 0.3)],
  ])("leaves the queue as if it had not been looked at, with a guarantee of %s", (_whose, policies) => {
    fc.assert(
      fc.property(fc.array(aStep, { minLength: 5, maxLength: 40, size: "max" }), (steps) => {
        const models = ["m", "n"];
        const [one, other] = [createPlayer(models, policies), createPlayer(models, policies)];
        for (const { adds, looked, taken, settled } of steps) {
          for (const player of [one, other]) player.add(adds);
          expect(
            one.queue.takeChosen(
              someLimits({ models }),
              choose(looked, () => false),
              0,
            ),
          ).toEqual([]);
          expect(one.standings()).toEqual(other.standings());
          expect(one.take(taken)).toEqual(other.take(taken));
          for (const player of [one, other]) player.settle(settled);
        }
        expect(keysOf(one.queue.entries())).toEqual(keysOf(other.queue.entries()));
      }),
    );
  });

  test("takes what is chosen and charges nothing else, whatever is chosen", () => {
    fc.assert(
      fc.property(
        fc.array(aStep, { minLength: 5, maxLength: 40, size: "max" }),
        fc.integer({ min: 1, max: 5 }),
        (steps, divisor) => {
          const player = createPlayer(["m", "n"]);
          const waiting = new Set<string>();
          let added = 0;
          for (const { adds, looked, settled } of steps) {
            player.add(adds);
            for (const _ of adds) waiting.add(`r${(added += 1)}`);
            const before = player.queue.chargedMs();
            const choice = choose(looked, (entry) => entry.arrival % divisor === 0);
            const taken = player.queue.takeChosen(someLimits({ models: ["m", "n"] }), choice, 0);
            for (const entry of taken) {
              expect(entry.arrival % divisor).toBe(0);
              expect(entry.stay).toBe("gone");
              expect(waiting.delete(entry.key)).toBe(true);
            }
            const chargedMs = taken.reduce((sum, entry) => sum + entry.chargedMs, 0);
            expect(player.queue.chargedMs() - before).toBeCloseTo(chargedMs, 6);
            expect(player.queue.size).toBe(waiting.size);
            expect(new Set(keysOf(player.queue.entries()))).toEqual(waiting);
            for (const entry of player.queue.entries()) expect(entry.chargedMs).toBe(0);
            player.took(taken);
            player.settle(settled);
          }
        },
      ),
    );
  });

  test("shows the requests that a batch of that size would take, in that order", () => {
    fc.assert(
      fc.property(fc.array(aStep, { minLength: 5, maxLength: 40, size: "max" }), (steps) => {
        const [one, other] = [createPlayer(["m"]), createPlayer(["m"])];
        for (const { adds, taken, settled } of steps) {
          for (const player of [one, other]) player.add(adds);
          const chosen = one.queue.takeChosen(someLimits(), takeAll(taken), 0);
          one.took(chosen);
          expect(keysOf(chosen)).toEqual(other.take(taken));
          expect(one.standings()).toEqual(other.standings());
          for (const player of [one, other]) player.settle(settled);
        }
      }),
    );
  });

  test("lets a tenant at its maxInFlight go on with what was not taken", () => {
    const queue = createFairQueue<NamedEntry>({ policies: createTestPolicies({ acme: { maxInFlight: 2 } }) });
    for (const arrival of [1, 2, 3]) queue.add(anEntry({ arrival }));
    const look = choose(9, ({ arrival }) => arrival === 2);
    expect(keysOf(queue.takeChosen(someLimits(), look, 0))).toEqual(["r2"]);
    expect(keysOf(queue.take(someLimits(), 0))).toEqual(["r1"]);
    expect(keysOf(queue.take(someLimits(), 0))).toEqual([]);
  });

  test("shows heads of one model only, the one of the first that is held", () => {
    const queue = create();
    for (const [index, model] of ["m", "n", "m"].entries()) queue.add(anEntry({ arrival: index + 1, model }));
    const taken = queue.takeChosen(someLimits({ models: ["m", "n"] }), takeAll(9), 0);
    expect(keysOf(taken)).toEqual(["r1", "r3"]);
  });

  test("removes what is dropped, and ends with the last", () => {
    const verdicts: Record<string, Verdict> = { r1: "drop", r3: "drop", r4: "last" };
    const queue = create();
    for (const [index, tenant] of ["a", "a", "b", "b", "c"].entries()) {
      queue.add(anEntry({ arrival: index + 1, tenant }));
    }
    const seen: string[] = [];
    const taken = queue.takeChosen(
      someLimits(),
      {
        look: ({ key }) => {
          seen.push(key);
          return verdicts[key] ?? "hold";
        },
        choose: (held) => held,
      },
      0,
    );
    expect(seen).toEqual(["r1", "r2", "r3", "r4"]);
    expect(keysOf(taken)).toEqual(["r2", "r4"]);
    expect(keysOf(queue.entries())).toEqual(["r5"]);
  });

  test("asks nothing where nothing is held", () => {
    const queue = create();
    queue.add(anEntry({ arrival: 1 }));
    const fail = (): never => {
      throw new Error("nothing is held");
    };
    expect(queue.takeChosen(someLimits(), { look: () => "end", choose: fail }, 0)).toEqual([]);
    expect(queue.takeChosen(someLimits({ models: ["n"] }), { look: fail, choose: fail }, 0)).toEqual([]);
    expect(queue.size).toBe(1);
  });
});
