import type { Code } from "./code.ts";
import type { Frame } from "./frame.ts";
import type { AdmittedRequest, InferenceRequest } from "./request.ts";
import type { RunName } from "./run-name.ts";
import type { ModelSignature } from "./signature.ts";
import type { TenantClass } from "./tenant-class.ts";

/** `infer.<model>.<tenant>`: what a client sends together. */
export interface RequestPack {
  readonly requests: readonly InferenceRequest[];
}

/** A run that a worker was given and has not finished; enough for a new owner to attach a request to it. */
export interface OpenRun {
  readonly id: string;
  readonly tenant: string;
  readonly reply: string;
  readonly model: string;
  readonly batchId: string;
  readonly epoch: number;
  readonly attempt: number;
}

/** What became of one batch; rides on the next credit. A run in none of the lists was answered with what it cost. */
export interface BatchDone {
  readonly batchId: string;
  /** Time the batch kept its engine busy, in worker-milliseconds. */
  readonly costMs: number;
  /** What of it was for requests that had expired or were cancelled when they had run. */
  readonly uselessMs: number;
  /** Time since the batch ended, when this was sent. */
  readonly agoMs: number;
  /** What the worker gave back unrun: keeps its place and costs nothing. */
  readonly returned: readonly RunName[];
  /** Those whose engine run failed together with others: run again in smaller batches, attempt + 1. */
  readonly failed: readonly RunName[];
  /** What the worker answered without having run it, since it had expired, was cancelled or could not be prepared: costs nothing. */
  readonly unrun: readonly RunName[];
}

/** `credit.<pool>`: a worker asks for one batch. Sending the same `creditId` again replaces the credit. */
export interface Credit {
  readonly creditId: string;
  readonly worker: string;
  /** The epoch the worker knows; 0 = none yet. */
  readonly epoch: number;
  /** Models it could run next; empty = it only reports (`done`, `openRuns`). */
  readonly models: readonly string[];
  /** When it will be free, in milliseconds from sending. */
  readonly freeInMs: number;
  /** Most items it takes, beside each model's own limit; 0 = no batch wanted. */
  readonly capacity: number;
  readonly done: readonly BatchDone[];
  /** On the first credit of an epoch: everything the worker still runs; otherwise absent. */
  readonly openRuns?: readonly OpenRun[];
}

/** The only answers to a credit; a granted credit is answered by its batch on `work.<model>.<worker>`. */
export interface CreditAnswer {
  /** `moved`: another dispatcher owns the pool, send to it; `refused`: the credit makes no sense, `message` says why. */
  readonly status: "moved" | "refused";
  readonly epoch: number;
  readonly message: string;
}

/** `work.<model>.<worker>`: one batch. */
export interface WorkBatch {
  readonly kind: "batch";
  readonly batchId: string;
  readonly creditId: string;
  readonly pool: string;
  readonly model: string;
  readonly epoch: number;
  /** Whether the owner can give somebody more only once this batch is reported: its report waits for no credit to ride on. */
  readonly isReportAwaited: boolean;
  /** How long its credit waited at the owner, in milliseconds: the rest of the time from the credit to the batch is a round trip. */
  readonly heldMs?: number;
  readonly requests: readonly AdmittedRequest[];
}

/** Ids to cancel, and how many frames each stream's reader allows in all. From clients, forwarded by the owner to the worker. */
export interface Control {
  readonly kind: "control";
  /** Reply subject of the requests that are meant; without it whoever has the ids. What clients send has it outside. */
  readonly reply?: string;
  readonly cancel: readonly string[];
  readonly windows: readonly StreamWindow[];
}

/** The reader of stream `id` has room for frames with a number below `frameLimit`. */
export interface StreamWindow {
  readonly id: string;
  readonly frameLimit: number;
}

/** The worker's answer on the reply subject of `work`, only when it will not run the batch. */
export interface WorkRefusal {
  readonly batchId: string;
  readonly reason: string;
}

/** `heartbeat.<pool>.<worker>`, every 500 ms. */
export interface Heartbeat {
  readonly worker: string;
  readonly epoch: number;
  readonly state: "starting" | "running" | "draining";
  readonly batchIds: readonly string[];
  /** Worker-milliseconds that each of the batches has cost so far, where that is known; 0 where not. */
  readonly costsMs?: readonly number[];
}

/** How long a model takes on the worker that says so, in milliseconds: `margin * (fixed + items * length * (perElement + length * perPair))`. */
export interface ModelLatency {
  readonly model: string;
  readonly curve: {
    readonly fixedMs: number;
    readonly perElementMs: number;
    readonly perPairMs: number;
  };
  /** Nineteen of twenty runs take at most this many times what the curve says; 1 to 2. */
  readonly margin: number;
  /** How many times as long runs take now as when the model was calibrated. */
  readonly drift: number;
  /** Elements of a row that a byte of its text makes, about; 0 where rows have no text, or all the same length. */
  readonly elementsPerByte: number;
  /** Most elements of a row that a text becomes; absent where rows have no text, or all the same length. */
  readonly maxTextLength?: number;
}

/** `profile.<pool>.<worker>`: what the worker serves; on change, and when the pool's epoch changes. */
export interface WorkerProfile {
  readonly worker: string;
  readonly device: string;
  readonly models: readonly ModelSignature[];
  /** Of the models that the worker has measured; others may take any time. */
  readonly latencies: readonly ModelLatency[];
}

/** `results`, `results.<instance>`: frames of one batch. The answer is {@link ResultsAck}. */
export interface ResultPack {
  readonly worker: string;
  /** Names the pack among those of its worker, so that it is passed on once though it is sent again; "" = never a duplicate. */
  readonly packId: string;
  readonly model: string;
  readonly version: string;
  readonly frames: readonly Frame[];
}

/** Sent after the frames were published to their callers. */
export interface ResultsAck {
  readonly instance: string;
  /** Ids whose caller is gone: nobody listens on the reply subject. The worker stops these streams. */
  readonly gone: readonly string[];
}

/** `reply.<tenant>.<connection>` and msgpack inboxes: everything one connection is told together. */
export interface ReplyPack {
  readonly model: string;
  readonly version: string;
  readonly frames: readonly Frame[];
}

/** `event.pool.<pool>`: on change and every second. */
export interface PoolEvent {
  readonly pool: string;
  readonly epoch: number;
  readonly owner: string;
  /** `taken`: the last owner crashed, open requests should be sent again; `handedOver`: nothing was lost; `released`: nobody owns it now. */
  readonly state: "owned" | "taken" | "handedOver" | "released";
  readonly models: readonly PoolModel[];
}

export interface PoolModel {
  readonly name: string;
  readonly version: string;
  /** Live workers that have it ready. */
  readonly workerCount: number;
}

/** Value of KV `sluice_pools` under the pool's name. */
export interface PoolRecord {
  readonly owner: string;
  readonly epoch: number;
  readonly state: "owned" | "taken" | "handedOver" | "released";
}

/** Value of KV `sluice_models` under the model's name: what its pool served when its owner wrote it. */
export interface ModelRecord {
  readonly pool: string;
  readonly signature: ModelSignature;
}

/** `handover.<pool>`: the old owner leads, the successor answers each with {@link HandoverAnswer}. */
export type Handover =
  /** Step 1: subscribe the pool's subjects and only queue. */
  | {
      readonly kind: "prepare";
      readonly successor: string;
      readonly owner: string;
      readonly epoch: number;
      readonly signatures: readonly ModelSignature[];
      /** The old owner's queue group, in which the successor subscribes; absent = `owner`. */
      readonly queueGroup?: string;
    }
  | HandoverShares
  /** Step 2: queue and running batches, as many messages as `max_payload` demands; the last one makes the successor take the record. */
  | HandoverState
  /** The old owner gives up and keeps the pool. */
  | { readonly kind: "abandon"; readonly successor: string; readonly owner: string; readonly epoch: number };

/** Step 2, first part: who received more than others that wait. */
export interface HandoverShares {
  readonly kind: "shares";
  readonly successor: string;
  readonly owner: string;
  readonly epoch: number;
  readonly part: number;
  readonly virtualTimes: readonly HandoverVirtualTime[];
}

export interface HandoverVirtualTime {
  readonly kind: "tenant" | "group";
  readonly name: string;
  /** The class in which a group leads, whose tenants may be in several; absent = `normal`, and of a tenant. */
  readonly class?: TenantClass;
  /** Lead over the one that received least of those that wait beside it, in worker-milliseconds divided by weight. */
  readonly aheadMs: number;
}

export interface HandoverState {
  readonly kind: "state";
  readonly successor: string;
  readonly owner: string;
  readonly epoch: number;
  readonly part: number;
  readonly last: boolean;
  readonly model: string;
  /** Batch these requests belong to, running on `worker`; "" = they wait in the queue, in this order. */
  readonly batchId: string;
  readonly worker: string;
  readonly requests: readonly AdmittedRequest[];
}

export interface HandoverAnswer {
  readonly accepted: boolean;
  readonly code: Code;
  readonly message: string;
}
