import type { HandoverShares, HandoverState, PoolRecord, Refusal } from "@sluice/protocol";
import type { VirtualTime } from "@sluice/scheduling";
import type { Batch, OpenRequest } from "./open-request.ts";

/**
 * Where an owner is in its life.
 *
 * - `queueing`: the pool is being handed to it. It takes requests and credits and answers neither. Left by
 *   {@link Owner.own}, or closed when the hand-over is abandoned.
 * - `quiet`: for 300 ms after a takeover, so that workers can list what they run. Sends no batch, refuses nothing for want
 *   of a worker. Left by its timer.
 * - `serving`: the usual one.
 * - `frozen`: it hands the pool over. Takes and sends nothing. Left by {@link Owner.thaw}, or closed.
 * - `closed`: owns nothing, forever.
 */
export type OwnerPhase = "queueing" | "quiet" | "serving" | "frozen" | "closed";

/** What an owner holds: who received more than others, batches with workers, and what waits, in its order. */
export interface OwnerContents {
  readonly virtualTimes: readonly VirtualTime[];
  readonly batches: readonly Batch[];
  readonly waiting: readonly OpenRequest[];
}

/** The owner of one pool: its queue, its batches, and everything that reaches them. */
export interface Owner {
  readonly pool: string;
  /** Epoch of its lease; 0 while `queueing`. */
  readonly epoch: number;
  readonly phase: OwnerPhase;
  /** The queue group in which it takes what comes for the pool. */
  readonly queueGroup: string;
  /** Whether nothing waits and nothing runs. */
  readonly isDry: boolean;
  /** What it holds now, for a hand-over. */
  contents(): OwnerContents;
  /** Begins to answer under this record. */
  own(record: PoolRecord): void;
  /** Changes to another queue group, since what comes in this one goes to an owner that was lost, too. */
  join(queueGroup: string): Promise<void>;
  /** Stops all intake, takes what was on its way, answers credits `moved`. */
  freeze(): Promise<void>;
  /** Goes on after {@link freeze}. */
  thaw(): void;
  /** Stops taking new requests; those here go on. */
  closeIntake(): Promise<void>;
  /** Takes a part of another owner's contents. */
  adopt(part: HandoverShares | HandoverState): void;
  /** Sends to whoever owns the pool what was reported and wished of runs that it does not know. */
  passOn(): void;
  /** Answers everything that waits with an error. */
  refuseWaiting(refusal: Refusal): void;
  /** Looks after what depends on time; called with every heartbeat. */
  tick(): void;
  /** Says that nobody owns the pool any more. */
  announceRelease(): void;
  /** Lets go of everything without a word: somebody else answers. */
  close(): void;
}
