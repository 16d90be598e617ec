import type { Messaging } from "@sluice/messaging";
import { encodeControl, parkedStreamMs, subjects, type Heartbeat } from "@sluice/protocol";
import type { Batch } from "./open-request.ts";

/**
 * Cancellations that were told to workers. A worker that is cut off just then hears none, and generates for nobody; so each is
 * told again with every heartbeat that lists its batch.
 */
export interface ToldCancels {
  /** Notes what was told of one caller's requests. */
  note(told: ToldCancel, nowMs: number): void;
  /** Tells a worker again what it goes on with. What it lists no more has ended. */
  again(heartbeat: Pick<Heartbeat, "worker" | "batchIds">): void;
  /** Forgets what was told long ago, to workers that are gone. */
  sweep(nowMs: number): void;
}

export interface ToldCancel {
  readonly batch: Pick<Batch, "batchId" | "worker" | "model">;
  readonly reply: string;
  readonly id: string;
}

/** What was told of the requests of one caller in one batch. */
interface Told {
  readonly batchId: string;
  readonly model: string;
  readonly reply: string;
  readonly cancel: Set<string>;
  readonly toldMs: number;
}

/** How long a cancellation is told again, in milliseconds: a stream that nobody reads does not last longer. */
const memoryMs = parkedStreamMs;

/** Most ids that are remembered. */
const maxIds = 65_536;

export function createToldCancels({ messaging }: { readonly messaging: Messaging }): ToldCancels {
  /** By worker, then by batch and caller. */
  const workers = new Map<string, Map<string, Told>>();
  let idCount = 0;

  const forget = (worker: string, isOver: (told: Told) => boolean): void => {
    const ofWorker = workers.get(worker);
    if (ofWorker === undefined) return;
    for (const [key, told] of ofWorker) {
      if (!isOver(told)) continue;
      ofWorker.delete(key);
      idCount -= told.cancel.size;
    }
    if (ofWorker.size === 0) workers.delete(worker);
  };

  const toldOf = ({ batch: { batchId, worker, model }, reply }: ToldCancel, nowMs: number): Told => {
    let ofWorker = workers.get(worker);
    if (ofWorker === undefined) workers.set(worker, (ofWorker = new Map<string, Told>()));
    const key = `${batchId} ${reply}`;
    let told = ofWorker.get(key);
    if (told === undefined) {
      told = { batchId, model, reply, cancel: new Set(), toldMs: nowMs };
      ofWorker.set(key, told);
    }
    return told;
  };

  return {
    note: (cancel, nowMs) => {
      if (idCount >= maxIds) return;
      const told = toldOf(cancel, nowMs);
      if (told.cancel.has(cancel.id)) return;
      told.cancel.add(cancel.id);
      idCount += 1;
    },
    again: ({ worker, batchIds }) => {
      if (!workers.has(worker)) return;
      const listed = new Set(batchIds);
      forget(worker, ({ batchId }) => !listed.has(batchId));
      for (const { model, reply, cancel } of workers.get(worker)?.values() ?? []) {
        const payload = encodeControl({ kind: "control", reply, cancel: [...cancel], windows: [] });
        messaging.publish(subjects.work(model, worker), payload);
      }
    },
    sweep: (nowMs) => {
      for (const worker of workers.keys()) forget(worker, ({ toldMs }) => nowMs - toldMs >= memoryMs);
    },
  };
}
