import type { PoolRecord } from "@sluice/protocol";
import { rendezvousWinner } from "./rendezvous.ts";

/** What a dispatcher that does not own a pool knows when it decides whether to take it. */
export interface LeaseSituation {
  readonly pool: string;
  readonly self: string;
  /** `undefined`: the pool has no record yet. */
  readonly record: PoolRecord | undefined;
  /** Everybody who is alive, the decider included. */
  readonly living: readonly string[];
  /** Whether a worker of the pool is alive. */
  readonly hasWorkers: boolean;
}

/**
 * Decides which record a dispatcher should try to write to become a pool's owner; `undefined` = it should not.
 *
 * Nobody takes from a living owner. A pool without a record, or a released one, is only worth owning while it has workers.
 * A record that names the decider itself is of an earlier life of it, whose memory is gone: taken like that of a dead owner.
 */
export function decideLease(situation: LeaseSituation): PoolRecord | undefined {
  const { pool, self, record, living, hasWorkers } = situation;
  if (record?.owner === self && record.state !== "released") {
    return { owner: self, epoch: record.epoch + 1, state: "taken" };
  }
  if (rendezvousWinner(pool, living) !== self) return undefined;
  if (record === undefined || record.state === "released") {
    return hasWorkers ? { owner: self, epoch: (record?.epoch ?? 0) + 1, state: "owned" } : undefined;
  }
  if (living.includes(record.owner)) return undefined;
  return { owner: self, epoch: record.epoch + 1, state: "taken" };
}
