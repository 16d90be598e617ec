import type { Messaging } from "@sluice/messaging";
import {
  encodeRequestPack,
  InferenceError,
  queueGroups,
  silenceMs,
  subjects,
  type Handover,
  type HandoverShares,
  type HandoverState,
  type PoolRecord,
} from "@sluice/protocol";
import type { Clock } from "@sluice/runtime";
import type { Background } from "../background.ts";
import type { OnDispatcherEvent } from "../event.ts";
import type { PoolRecords } from "../leases/pool-records.ts";
import type { Owner } from "../owner/owner.ts";
import { stampQueuedMs, type OpenRequest } from "../owner/open-request.ts";
import { withResolver } from "../with-resolver.ts";
import type { PoolRoster } from "../workers/pool-roster.ts";

/** The successor's side of a hand-over of one pool. */
export interface SuccessionDesk {
  /** The owner that queues for the pool while it is being handed to us. */
  readonly owner: Owner | undefined;
  /**
   * Takes one step. Resolves with the record once the pool is ours; the caller takes the owner then.
   * @throws {InferenceError} when the step cannot be taken: told to the old owner, which keeps the pool.
   */
  take(handover: Handover): Promise<PoolRecord | undefined>;
  /** Gives up a hand-over whose owner fell silent, or whose pool somebody else took. */
  tick(): void;
  /** Takes the queueing owner out, to own the pool after a takeover. */
  release(): Owner | undefined;
  /**
   * Waits until the old owner serves again, or goes for longer than that takes: once steps are refused it says so. What was queued
   * here goes back on its way then. Never rejects.
   */
  close(): Promise<void>;
}

export interface SuccessionDeskOptions {
  readonly self: string;
  readonly roster: PoolRoster;
  readonly records: PoolRecords;
  readonly messaging: Messaging;
  readonly clock: Clock;
  readonly background: Background;
  readonly onEvent: OnDispatcherEvent;
  readonly createOwner: (queueGroup: string) => Owner;
}

/** A hand-over that goes on. */
interface Arriving {
  readonly owner: Owner;
  readonly from: string;
  readonly epoch: number;
  nextPart: number;
  heardAtMs: number;
}

/**
 * Silence after which the old owner counts as one that says nothing any more, in milliseconds. One that is lost is found out by its
 * heartbeats long before, and one that waits for JetStream goes on after it: until then what comes waits here.
 */
const forgottenMs = 30_000;

/** How long a dispatcher that ends waits for the old owner's word, in milliseconds. */
const closeMs = 2 * silenceMs;

export function createSuccessionDesk(options: SuccessionDeskOptions): SuccessionDesk {
  const { self, roster, records, messaging, clock, background, onEvent } = options;
  const { pool } = roster;
  let arriving: Arriving | undefined;
  let onReleased = (): void => undefined;

  const release = (): Owner | undefined => {
    const owner = arriving?.owner;
    arriving = undefined;
    onReleased();
    return owner;
  };

  /** Sends a request on to whoever owns the pool. */
  const sendOn = (request: OpenRequest): void => {
    stampQueuedMs(request, clock.monotonicMs());
    const { model, tenant, reply } = request;
    messaging.publish(subjects.infer(model, tenant), encodeRequestPack([request]), { reply });
  };

  /** Gives the pool up: what was queued here only, or was on its way here, is sent on. Never rejects. */
  const giveBack = async (): Promise<void> => {
    const owner = release();
    if (owner === undefined) return;
    try {
      await owner.freeze();
      // What was handed over is still with the old owner.
      for (const request of owner.contents().waiting) if (request.arrival > 0) sendOn(request);
      owner.passOn();
    } catch (error) {
      onEvent({ type: "handoverFailed", pool, successor: self, error });
    } finally {
      owner.close();
    }
  };

  const prepare = async (step: Extract<Handover, { readonly kind: "prepare" }>): Promise<void> => {
    const { owner: from, epoch, queueGroup = queueGroups.owner } = step;
    await giveBack();
    const record = records.get(pool) ?? (await records.refresh(pool));
    if (record?.owner !== from || record.epoch !== epoch) {
      throw new InferenceError("aborted", `the record does not name "${from}" with epoch ${epoch}`);
    }
    const owner = options.createOwner(queueGroup);
    arriving = { owner, from, epoch, nextPart: 0, heardAtMs: clock.monotonicMs() };
    try {
      await messaging.flush();
    } catch (error) {
      // Who refuses has nothing of the pool.
      await giveBack();
      throw error;
    }
    onEvent({ type: "handoverPrepared", pool, owner: from });
  };

  const adopt = async (state: HandoverShares | HandoverState): Promise<PoolRecord | undefined> => {
    const current = arriving;
    if (current?.from !== state.owner || current.epoch !== state.epoch || current.nextPart !== state.part) {
      // The old owner says when it serves again: until then nobody takes what is sent on.
      throw new InferenceError("aborted", `part ${state.part} of the hand-over was not expected`);
    }
    current.nextPart += 1;
    current.heardAtMs = clock.monotonicMs();
    current.owner.adopt(state);
    if (state.kind === "shares" || !state.last) return undefined;
    const record: PoolRecord = { owner: self, epoch: state.epoch + 1, state: "handedOver" };
    if (await records.replace(pool, record)) return record;
    await giveBack();
    throw new InferenceError("aborted", "the record was written by somebody else");
  };

  return {
    get owner() {
      return arriving?.owner;
    },
    take: async (handover) => {
      switch (handover.kind) {
        case "prepare":
          roster.learn(handover.signatures);
          await prepare(handover);
          return undefined;
        case "shares":
        case "state":
          return adopt(handover);
        case "abandon":
          await giveBack();
          return undefined;
      }
    },
    tick: () => {
      if (arriving === undefined) return;
      const record = records.get(pool);
      const isMoot = record !== undefined && record.epoch > arriving.epoch && record.owner !== self;
      const isForgotten = clock.monotonicMs() - arriving.heardAtMs >= forgottenMs;
      if (isMoot || isForgotten) background.start(giveBack);
    },
    release,
    close: async () => {
      if (arriving === undefined) return;
      const { promise, resolve } = withResolver();
      onReleased = resolve;
      using _bound = clock.schedule(closeMs, resolve);
      await promise;
      await giveBack();
    },
  };
}
