import type { Messaging } from "@sluice/messaging";
import {
  decodeHandoverAnswer,
  encodeHandover,
  handoverTimeoutMs,
  InferenceError,
  subjects,
  type Handover,
} from "@sluice/protocol";
import type { Clock } from "@sluice/runtime";
import type { OnDispatcherEvent } from "../event.ts";
import type { PoolRecords } from "../leases/pool-records.ts";
import type { Owner } from "../owner/owner.ts";
import type { PoolRoster } from "../workers/pool-roster.ts";
import { toCancelMessages } from "./cancel-messages.ts";
import { toStateMessages, type HandoverParties } from "./state-messages.ts";

export interface HandOverOptions {
  readonly self: string;
  readonly successor: string;
  readonly owner: Owner;
  readonly roster: PoolRoster;
  readonly records: PoolRecords;
  readonly messaging: Messaging;
  readonly clock: Clock;
  readonly onEvent: OnDispatcherEvent;
}

/** Time between two tries to learn whose the pool is, in milliseconds. */
const settleRetryMs = 500;

/**
 * What became of a hand-over.
 *
 * - `moved`: the successor owns the pool now.
 * - `kept`: the owner goes on as before.
 * - `shared`: the owner goes on, but the successor does not say that it has given back what came to it, and may go on to get a part.
 */
export type HandOverOutcome = "moved" | "kept" | "shared";

/** Hands a pool over to a living successor; `docs/protocol.md` has the steps. Never leaves the pool to two owners or to none. */
export async function handOver(options: HandOverOptions): Promise<HandOverOutcome> {
  const { self, successor, owner, roster, messaging, clock, onEvent } = options;
  const { pool, epoch, queueGroup } = owner;
  const parties: HandoverParties = { successor, owner: self, epoch };
  const wanted = new Set(owner.contents().waiting.map((request) => request.model));
  // What no worker has told of is not handed over: the successor could not tell any more that it is only recorded.
  const models = roster.models.filter(({ name }) => wanted.has(name) || !roster.isRecalled(name));
  const signatures = models.flatMap(({ name }) => roster.signature(name) ?? []);
  onEvent({ type: "handoverStarted", pool, successor });
  try {
    const refusal = await ask(messaging, pool, { kind: "prepare", ...parties, signatures, queueGroup });
    if (refusal !== undefined) {
      // It says itself that it takes nothing.
      onEvent({ type: "handoverFailed", pool, successor, error: refusal });
      return "kept";
    }
  } catch (error) {
    onEvent({ type: "handoverFailed", pool, successor, error });
    return abandon(options, parties);
  }
  try {
    await owner.freeze();
    const { maxPayloadBytes } = messaging;
    const nowMs = clock.monotonicMs();
    const contents = owner.contents();
    for (const { subject, payload, reply } of toCancelMessages(contents.batches)) {
      messaging.publish(subject, payload, { reply });
    }
    for (const state of toStateMessages(contents, { parties, maxPayloadBytes, nowMs })) {
      const refusal = await ask(messaging, pool, state);
      if (refusal !== undefined) throw refusal;
    }
    return "moved";
  } catch (error) {
    onEvent({ type: "handoverFailed", pool, successor, error });
    return resume(options, parties);
  }
}

/**
 * Resolves with why the successor refuses, or `undefined` where it accepts.
 * @throws {InferenceError} when nobody answers within a second.
 */
async function ask(
  messaging: Messaging,
  pool: string,
  handover: Handover,
): Promise<InferenceError | undefined> {
  const message = await messaging.request(subjects.handover(pool), encodeHandover(handover), {
    timeoutMs: handoverTimeoutMs,
  });
  const answer = decodeHandoverAnswer(message.payload);
  if (answer.accepted) return undefined;
  return new InferenceError(answer.code === "ok" ? "internal" : answer.code, answer.message);
}

/**
 * Finds out whose the pool is after a step failed. Writing the record again, unchanged, is what decides: if that works the
 * successor has not taken it and, its revision being old, cannot any more.
 */
async function resume(options: HandOverOptions, parties: HandoverParties): Promise<HandOverOutcome> {
  const { owner, clock, onEvent } = options;
  for (;;) {
    if (!isStillOurs(options)) return "moved";
    try {
      if (await rewrite(options)) break;
    } catch (error) {
      // Without JetStream nobody can tell; the successor cannot take the pool either.
      onEvent({ type: "leaseFailed", pool: owner.pool, error });
    }
    await clock.sleep(settleRetryMs);
  }
  owner.thaw();
  return abandon(options, parties);
}

/** Writes our record again as it is. Tells whether it was still the newest. */
async function rewrite({ records, owner: { pool }, self }: HandOverOptions): Promise<boolean> {
  const record = records.get(pool);
  return record?.owner === self && (await records.replace(pool, record));
}

/** Whether the record, as it was last seen, names us still. */
function isStillOurs({ records, owner, self }: HandOverOptions): boolean {
  const seen = records.get(owner.pool);
  return seen?.owner === self && seen.epoch === owner.epoch;
}

/**
 * Tells a successor to which the pool has moved that a connection which was lost may still get a part of it: it takes the pool anew.
 * Never rejects.
 */
export async function tellOfLoss(options: HandOverOptions, epoch: number): Promise<void> {
  const { self, successor, messaging, owner, onEvent } = options;
  const { pool } = owner;
  try {
    await ask(messaging, pool, { kind: "abandon", successor, owner: self, epoch });
  } catch (error) {
    onEvent({ type: "handoverFailed", pool, successor, error });
  }
}

/** Tells the successor to forget the hand-over; it answers once it has. */
async function abandon(options: HandOverOptions, parties: HandoverParties): Promise<"kept" | "shared"> {
  const { messaging, owner, onEvent } = options;
  const { pool } = owner;
  const { successor } = parties;
  onEvent({ type: "handoverAbandoned", pool, successor });
  try {
    await messaging.flush();
    const refusal = await ask(messaging, pool, { kind: "abandon", ...parties });
    if (refusal === undefined) return "kept";
    throw refusal;
  } catch (error) {
    onEvent({ type: "handoverFailed", pool, successor, error });
    return "shared";
  }
}
