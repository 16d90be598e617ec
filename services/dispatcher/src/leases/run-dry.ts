import { heartbeatIntervalMs, InferenceError } from "@sluice/protocol";
import type { Clock } from "@sluice/runtime";
import type { OnDispatcherEvent } from "../event.ts";
import type { Owner } from "../owner/owner.ts";
import { noWorkerRetryMs } from "../settings.ts";
import type { PoolRecords } from "./pool-records.ts";

export interface RunDryOptions {
  readonly self: string;
  readonly owner: Owner;
  readonly records: PoolRecords;
  readonly clock: Clock;
  readonly onEvent: OnDispatcherEvent;
  readonly drainTimeoutMs: number;
  /** Whether another dispatcher has the pool by now, and what is here with it. */
  readonly isTaken: () => boolean;
  /** Tries to give the pool to another dispatcher that lives now; tells whether it is gone. */
  readonly giveAway: () => Promise<boolean>;
}

/** Time between two tries to give the pool away, in milliseconds: somebody new is heard of within it. */
const giveAwayMs = heartbeatIntervalMs;

/** Time between two looks at a pool that runs dry, in milliseconds: short beside any drain, long beside a look. */
const lookMs = 20;

/**
 * Ends a pool that nobody can take. New requests find nobody (503); what is here gets `drainTimeoutMs` to end; what still
 * waits then is answered `unavailable`; the record says `released`, so that the next dispatcher need not wait. Where somebody
 * takes it meanwhile, or comes and is given it, nothing here matters any more.
 */
export async function runDry(options: RunDryOptions): Promise<void> {
  const { self, owner, records, clock, onEvent, drainTimeoutMs, isTaken, giveAway } = options;
  const { pool } = owner;
  let triedMs = clock.monotonicMs();
  const endMs = triedMs + drainTimeoutMs;
  await owner.closeIntake();
  while (!owner.isDry && !isTaken() && clock.monotonicMs() < endMs) {
    await clock.sleep(lookMs);
    if (clock.monotonicMs() - triedMs < giveAwayMs) continue;
    triedMs = clock.monotonicMs();
    if (await giveAway()) return;
  }
  if (isTaken()) return;
  const error = new InferenceError("unavailable", `pool "${pool}" is shutting down`, {
    retryAfterMs: noWorkerRetryMs,
  });
  owner.refuseWaiting(error);
  await owner.freeze();
  try {
    await records.replace(pool, { owner: self, epoch: owner.epoch, state: "released" });
  } catch (cause) {
    // Then the record names us until our heartbeat is missed.
    onEvent({ type: "leaseFailed", pool, error: cause });
  }
  owner.announceRelease();
}
