import type { Messaging } from "@sluice/messaging";
import {
  InferenceError,
  ownerGroup,
  queueGroups,
  silenceMs,
  type Handover,
  type PoolRecord,
} from "@sluice/protocol";
import type { Clock } from "@sluice/runtime";
import { createSuccession, decideLease, rendezvousWinner } from "@sluice/scheduling";
import type { Background } from "../background.ts";
import type { OnDispatcherEvent, PoolLossReason } from "../event.ts";
import { handOver, tellOfLoss } from "../handover/hand-over.ts";
import { createSuccessionDesk } from "../handover/succession-desk.ts";
import type { Membership } from "../membership/membership.ts";
import type { Owner } from "../owner/owner.ts";
import { withResolver } from "../with-resolver.ts";
import type { ModelDirectory } from "../workers/model-directory.ts";
import type { PoolRoster } from "../workers/pool-roster.ts";
import { createLeaseHold } from "./lease-hold.ts";
import type { PoolRecords } from "./pool-records.ts";
import { runDry } from "./run-dry.ts";

/**
 * This dispatcher's seat at one pool: decides whether it should own it, and keeps its owner while it does.
 * One change at a time: what would change the ownership waits for the change before it.
 */
export interface PoolSeat {
  /** Looks at who is alive and acts on it; called with every heartbeat and when the record changed. */
  tick(): void;
  /** Notes that the connection was lost and is back: what was on its way here is lost, and nobody but the callers knows what it was. */
  reconnected(): void;
  /** Takes a step of a hand-over to us. @throws {InferenceError} when it cannot be taken. */
  take(handover: Handover): Promise<void>;
  /** Gives the pool to another dispatcher, or lets it run dry if there is none. */
  leave(): Promise<void>;
}

export interface PoolSeatOptions {
  readonly self: string;
  readonly roster: PoolRoster;
  readonly records: PoolRecords;
  readonly models: Pick<ModelDirectory, "signatures">;
  readonly membership: Membership;
  readonly messaging: Messaging;
  readonly clock: Clock;
  readonly background: Background;
  readonly onEvent: OnDispatcherEvent;
  /** How long a pool without successor may take to run dry, in milliseconds. */
  readonly drainTimeoutMs: number;
  readonly createOwner: (lease: {
    readonly queueGroup: string;
    readonly holdsLease: () => boolean;
    readonly onDoubt: () => void;
  }) => Owner;
}

export function createPoolSeat(options: PoolSeatOptions): PoolSeat {
  const { self, roster, records, membership, messaging, clock, background, onEvent } = options;
  const { pool } = roster;
  const succession = createSuccession({ self, settleMs: silenceMs });
  const hold = createLeaseHold(membership);
  let owner: Owner | undefined;
  let isLeaving = false;
  /** The queue group that this dispatcher is in, as owner or as successor. */
  let group: string | undefined;
  /** A group in which requests may have come to nobody, or go on to: whoever owns the pool in it takes it anew, in a group of its own. */
  let lostGroup: string | undefined;
  /** The change that goes on; settles with it. */
  let change: Promise<void> | undefined;

  const createOwner = (queueGroup: string): Owner =>
    options.createOwner({
      queueGroup,
      holdsLease: () => hold.isHeld(),
      onDoubt: () => startChange(verify),
    });
  const desk = createSuccessionDesk({
    self,
    roster,
    records,
    messaging,
    clock,
    background,
    onEvent,
    createOwner,
  });

  /** Runs a change if none goes on. */
  const startChange = (work: () => Promise<void>): void => {
    if (change === undefined) background.start(() => changeWith(work));
  };

  const changeWith = async (work: () => Promise<void>): Promise<void> => {
    while (change !== undefined) await change;
    const { promise, resolve } = withResolver();
    change = promise;
    try {
      await work();
    } catch (error) {
      onEvent({ type: "leaseFailed", pool, error });
    } finally {
      change = undefined;
      resolve();
    }
  };

  const own = (record: PoolRecord, next: Owner): void => {
    owner = next;
    const { epoch, state } = record;
    if (state !== "released") onEvent({ type: "poolOwned", pool, epoch, state });
    owner.own(record);
  };

  const lose = (reason: PoolLossReason): void => {
    if (owner === undefined) return;
    onEvent({ type: "poolLost", pool, epoch: owner.epoch, reason });
    owner.close();
    owner = undefined;
    group = undefined;
  };

  const isInLostGroup = (): boolean => group !== undefined && group === lostGroup;

  /**
   * Leaves the group of a hand-over that was given up.
   * @throws {InferenceError} where a connection that was lost may still be in it: the old owner takes its pool anew then.
   */
  const leaveGroup = (): void => {
    const isLost = isInLostGroup();
    group = undefined;
    if (!isLost) return;
    throw new InferenceError(
      "unavailable",
      "a lost connection of this dispatcher may still get a part of the pool",
    );
  };

  const isSuperseded = (): boolean => {
    const record = records.get(pool);
    if (owner === undefined || record === undefined) return false;
    return record.epoch > owner.epoch || (record.epoch === owner.epoch && record.owner !== self);
  };

  /** Workers follow nobody whose epoch is older than one they know, as after all records were lost: the pool is taken again then. */
  const isBehindWorkers = (): boolean => owner !== undefined && roster.newestEpoch > owner.epoch;

  /** Reads the record again, after whatever may have cost us the pool. */
  const verify = async (): Promise<void> => {
    const { term } = membership;
    if (!membership.isJetStreamAway) await records.refresh(pool);
    if (isSuperseded() || (!membership.isJetStreamAway && isBehindWorkers())) lose("newerEpoch");
    else hold.confirm(term);
  };

  const takePool = async (record: PoolRecord): Promise<void> => {
    const { term } = membership;
    if (!(await records.replace(pool, record))) return;
    hold.confirm(term);
    // Who was lost may stay subscribed: requests would go to nobody else until the workers have introduced themselves.
    roster.recall(options.models.signatures(pool));
    const queueGroup = ownerGroup(record.epoch);
    group = queueGroup;
    const known = owner ?? desk.release();
    if (known !== undefined) background.start(() => known.join(queueGroup));
    own(record, known ?? createOwner(queueGroup));
  };

  const giveTo = async (successor: string): Promise<boolean> => {
    if (owner === undefined) return true;
    const parts = { self, successor, owner, roster, records, messaging, clock, onEvent };
    const { epoch } = owner;
    const outcome = await handOver(parts);
    if (outcome === "kept") return false;
    if (outcome === "shared") {
      lostGroup = group;
      await retake();
      return false;
    }
    owner.passOn();
    const isLost = isInLostGroup();
    lose("handedOver");
    if (isLost) await tellOfLoss(parts, epoch);
    return true;
  };

  /** Takes the own pool anew: in a group of its own, since somebody may share it who does not answer, and callers send again. Never rejects. */
  const retake = async (): Promise<void> => {
    if (owner === undefined) return;
    try {
      await takePool({ owner: self, epoch: owner.epoch + 1, state: "taken" });
      if (isSuperseded()) lose("newerEpoch");
    } catch (error) {
      onEvent({ type: "leaseFailed", pool, error });
    }
  };

  const tickOwner = (current: Owner): void => {
    current.tick();
    if (change !== undefined || isLeaving) return;
    if (isSuperseded()) {
      lose("newerEpoch");
    } else if (hold.needsConfirmation()) {
      startChange(verify);
    } else if (isInLostGroup() && !membership.isJetStreamAway) {
      startChange(retake);
    } else if (membership.isLeaseValid() && !membership.isJetStreamAway) {
      const successor = succession.name(rendezvousWinner(pool, membership.living()), clock.monotonicMs());
      if (successor !== undefined) startChange(async () => void (await giveTo(successor)));
    }
  };

  const tickStandby = (): void => {
    if (change !== undefined || isLeaving) return;
    desk.tick();
    if (!membership.isLeaseValid() || membership.isJetStreamAway) return;
    const { hasWorkers, newestEpoch: workersEpoch } = roster;
    const living = membership.living();
    const record = decideLease({ pool, self, record: records.get(pool), living, hasWorkers, workersEpoch });
    if (record !== undefined) startChange(() => takePool(record));
  };

  /** Tries every other living dispatcher, the one that rendezvous hashing names first. */
  const giveAway = async (): Promise<boolean> => {
    const others = new Set(membership.living().filter((name) => name !== self));
    for (;;) {
      const successor = rendezvousWinner(pool, others);
      if (successor === undefined) return owner === undefined;
      if (await giveTo(successor)) return true;
      others.delete(successor);
    }
  };

  return {
    tick: () => {
      if (owner === undefined) tickStandby();
      else tickOwner(owner);
    },

    reconnected: () => {
      lostGroup = group ?? lostGroup;
    },

    take: async (handover) => {
      const isStep = handover.kind !== "abandon";
      if (isStep && (isLeaving || owner !== undefined || !membership.isLeaseValid())) {
        throw new InferenceError("unavailable", "this dispatcher cannot take the pool now");
      }
      let failure: unknown;
      await changeWith(async () => {
        try {
          const { term } = membership;
          if (handover.kind === "abandon" && owner?.epoch === handover.epoch + 1) {
            // The old owner lost its connection while it handed the pool over.
            lostGroup = group;
            return;
          }
          if (handover.kind === "prepare") group = handover.queueGroup ?? queueGroups.owner;
          const record = await desk.take(handover);
          if (handover.kind === "abandon") leaveGroup();
          if (record === undefined) return;
          hold.confirm(term);
          own(record, desk.release() ?? createOwner(ownerGroup(record.epoch)));
        } catch (error) {
          failure = error;
        }
      });
      if (failure !== undefined) throw failure;
    },

    leave: async () => {
      isLeaving = true;
      await desk.close();
      await changeWith(async () => {
        try {
          if (owner === undefined || isSuperseded() || (await giveAway())) return;
          const { drainTimeoutMs } = options;
          const isTaken = isSuperseded;
          await runDry({ self, owner, records, clock, drainTimeoutMs, isTaken, giveAway, onEvent });
        } finally {
          lose(isSuperseded() ? "newerEpoch" : "released");
        }
      });
    },
  };
}
