import { describe, expect, test } from "vitest";
import type { LeaseSituation } from "./lease-decision.ts";
import { decideLease } from "./lease-decision.ts";
import { rendezvousWinner } from "./rendezvous.ts";

const pool = "gpu";
const winner = rendezvousWinner(pool, ["a", "b"]) ?? "";
const loser = winner === "a" ? "b" : "a";

/** What the winner of two living dispatchers sees of a pool with workers and without a record. */
function aSituation(fields: Partial<LeaseSituation> = {}): LeaseSituation {
  return {
    pool,
    self: winner,
    record: undefined,
    living: ["a", "b"],
    hasWorkers: true,
    workersEpoch: 0,
    ...fields,
  };
}

describe("decideLease()", () => {
  test("creates the record of a pool that got its first worker", () => {
    expect(decideLease(aSituation())).toEqual({ owner: winner, epoch: 1, state: "owned" });
  });

  test("leaves a pool without workers alone", () => {
    expect(decideLease(aSituation({ hasWorkers: false }))).toBeUndefined();
  });

  test("leaves a pool to the one that rendezvous hashing names", () => {
    expect(decideLease(aSituation({ self: loser }))).toBeUndefined();
  });

  test("never takes from a living owner", () => {
    const record = { owner: loser, epoch: 4, state: "owned" } as const;
    expect(decideLease(aSituation({ record }))).toBeUndefined();
  });

  test("takes from a dead owner with the next epoch, workers or not", () => {
    const record = { owner: "dead", epoch: 4, state: "handedOver" } as const;
    const taken = { owner: winner, epoch: 5, state: "taken" };
    expect(decideLease(aSituation({ record }))).toEqual(taken);
    expect(decideLease(aSituation({ record, hasWorkers: false }))).toEqual(taken);
    expect(decideLease(aSituation({ record, self: loser }))).toBeUndefined();
  });

  test("owns a released pool again, with the next epoch, once it has workers", () => {
    const record = { owner: winner, epoch: 4, state: "released" } as const;
    expect(decideLease(aSituation({ record }))).toEqual({ owner: winner, epoch: 5, state: "owned" });
    expect(decideLease(aSituation({ record, hasWorkers: false }))).toBeUndefined();
  });

  test("takes a pool whose record was lost with an epoch that its workers follow", () => {
    const taken = { owner: winner, epoch: 8, state: "taken" };
    expect(decideLease(aSituation({ workersEpoch: 7 }))).toEqual(taken);
    const behind = { owner: winner, epoch: 1, state: "owned" } as const;
    expect(decideLease(aSituation({ workersEpoch: 7, record: behind }))).toEqual(taken);
    const released = { owner: winner, epoch: 7, state: "released" } as const;
    expect(decideLease(aSituation({ workersEpoch: 7, record: released }))).toMatchObject({ state: "owned" });
  });

  test("takes the pool of its own earlier life, whoever rendezvous hashing names", () => {
    const record = { owner: loser, epoch: 4, state: "owned" } as const;
    expect(decideLease(aSituation({ record, self: loser }))).toEqual({
      owner: loser,
      epoch: 5,
      state: "taken",
    });
  });
});
