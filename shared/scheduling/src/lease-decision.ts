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
  /** The newest epoch that a living worker of the pool has heard of; 0 = none. */
  readonly workersEpoch: number;
}

/**
 * Decides which record a dispatcher should try to write to become a pool's owner; `undefined` = it should not.
 *
 * Nobody takes from a living owner. A pool without a record, or a released one, is only worth owning while it has workers.
 * A record that names the decider itself is of an earlier life of it, whose memory is gone: taken like that of a dead owner.
 * Workers follow no epoch older than one they know: where they know a newer one than the record has, or there is none, the records were
 * lost, and with them whoever owned the pool.
 */
export function decideLease(situation: LeaseSituation): PoolRecord | undefined {
  const { pool, self, record, living, hasWorkers, workersEpoch } = situation;
  const epoch = Math.max(record?.epoch ?? 0, workersEpoch) + 1;
  if (record?.owner === self && record.state !== "released") return { owner: self, epoch, state: "taken" };
  if (rendezvousWinner(pool, living) !== self) return undefined;
  if (record === undefined || record.state === "released") {
    const isLost = workersEpoch > (record?.epoch ?? 0);
    return hasWorkers ? { owner: self, epoch, state: isLost ? "taken" : "owned" } : undefined;
  }
  if (living.includes(record.owner)) return undefined;
  return { owner: self, epoch, state: "taken" };
}
