import type { ErrorCode, LimitHolder, Payer, TenantClass, TenantReport } from "@sluice/protocol";
import type { BatchReason } from "@sluice/scheduling";

/** Why requests of a batch wait again. The last three count as an attempt. */
export type RequeueReason =
  "noResponders" | "refused" | "returned" | "unsent" | "failed" | "batchLost" | "workerLost";

/**
 * Why a request that waited was answered `deadlineExceeded`: `expired`, its time was over; `queueTimeout`, its time in the queue
 * was; `late`, what was left no longer sufficed for its run; `givenUp`, so that more of the others would be in time.
 */
export type DropCause = "expired" | "queueTimeout" | "late" | "givenUp";

/** Why a dispatcher no longer owns a pool. */
export type PoolLossReason = "newerEpoch" | "handedOver" | "released";

/** Where a tenant stands in a pool. */
export interface TenantSample extends Pick<
  TenantReport,
  "tenant" | "waitingCount" | "oldestMs" | "inFlightCount" | "share" | "fairShare" | "lagMs"
> {
  /** What it received since the sample before, in worker-milliseconds. */
  readonly receivedMs: number;
}

/** Where a class stands in a pool. */
export interface ClassSample {
  readonly class: TenantClass;
  readonly waitingCount: number;
  readonly inFlightCount: number;
  /** What its tenants received since the sample before, in worker-milliseconds. */
  readonly receivedMs: number;
}

/** What happens in a dispatcher. Logs, metrics and tests derive from it. */
export type DispatcherEvent =
  /** Its buckets cannot be opened, so it does not serve yet; told once, however often it tries again. */
  | { readonly type: "bucketsNotOpened"; readonly error: unknown }
  /** The first of several: the others are not told. */
  | { readonly type: "heartbeatFailed"; readonly error: unknown }
  | { readonly type: "heartbeatsResumed" }
  | { readonly type: "leaseLapsed" }
  | { readonly type: "leaseRegained"; readonly isJetStreamAway: boolean }
  | { readonly type: "leaseFailed"; readonly pool: string; readonly error: unknown }
  | {
      readonly type: "poolOwned";
      readonly pool: string;
      readonly epoch: number;
      readonly state: "owned" | "taken" | "handedOver";
    }
  | {
      readonly type: "poolLost";
      readonly pool: string;
      readonly epoch: number;
      readonly reason: PoolLossReason;
    }
  | { readonly type: "handoverStarted"; readonly pool: string; readonly successor: string }
  | { readonly type: "handoverPrepared"; readonly pool: string; readonly owner: string }
  | {
      readonly type: "handoverFailed";
      readonly pool: string;
      readonly successor: string;
      readonly error: unknown;
    }
  | { readonly type: "handoverAbandoned"; readonly pool: string; readonly successor: string }
  | { readonly type: "workerFound"; readonly pool: string; readonly worker: string }
  | { readonly type: "workerLost"; readonly pool: string; readonly worker: string }
  | {
      readonly type: "signatureMismatch";
      readonly pool: string;
      readonly model: string;
      readonly versions: readonly string[];
    }
  | { readonly type: "malformedMessage"; readonly subject: string; readonly error: unknown }
  | {
      readonly type: "tenantRecordsRead";
      readonly tenantCount: number;
      readonly groupCount: number;
    }
  | { readonly type: "tenantRecordChanged"; readonly key: string }
  | { readonly type: "tenantRecordUnreadable"; readonly key: string; readonly error: unknown }
  | {
      /** What this dispatcher has of the quotas of tenants, and of groups, and what it gave as their home. */
      readonly type: "quotasSampled";
      readonly of: LimitHolder;
      readonly walletCount: number;
      /** What its wallets hold, and what they owe, in worker-milliseconds. */
      readonly heldMs: number;
      readonly owedMs: number;
      /** What it leased as a home since the last sample, to itself and others. */
      readonly leasedMs: number;
    }
  | ({ readonly type: "budgetFailed"; readonly error: unknown } & Payer)
  | { readonly type: "quotaHomeSilent"; readonly home: string; readonly error: unknown }
  | { readonly type: "replySubjectRefused"; readonly subject: string; readonly reply: string }
  | { readonly type: "announcementFailed"; readonly pool: string; readonly error: unknown }
  | { readonly type: "answerFailed"; readonly pool: string; readonly error: unknown }
  | { readonly type: "replyFailed"; readonly pool: string; readonly count: number; readonly error: unknown }
  | {
      readonly type: "requestsAdmitted";
      readonly pool: string;
      readonly model: string;
      readonly count: number;
    }
  | { readonly type: "duplicateDropped"; readonly pool: string; readonly model: string }
  | { readonly type: "requestAttached"; readonly pool: string; readonly model: string }
  | {
      readonly type: "requestsRefused";
      readonly pool: string;
      readonly model: string;
      readonly tenant: string;
      readonly code: ErrorCode;
      /** Name of the limit that it exceeded; "" = it was refused for something else. */
      readonly limit: string;
      /** Whose record sets that limit; "" = no record does. */
      readonly of: LimitHolder | "";
      /** How many were refused so, one after the other. */
      readonly count: number;
    }
  | {
      readonly type: "requestsDropped";
      readonly pool: string;
      readonly model: string;
      readonly cause: DropCause;
      readonly count: number;
    }
  | {
      readonly type: "batchSent";
      readonly pool: string;
      readonly model: string;
      readonly worker: string;
      readonly batchId: string;
      readonly requestCount: number;
      readonly items: number;
      readonly reason: BatchReason;
    }
  | {
      readonly type: "batchRefused";
      readonly pool: string;
      readonly worker: string;
      readonly reason: string;
    }
  /** A worker reported what a batch cost, and what of that was for requests that nobody waited for any more. */
  | {
      readonly type: "batchDone";
      readonly pool: string;
      readonly model: string;
      readonly worker: string;
      readonly batchId: string;
      readonly costMs: number;
      readonly uselessMs: number;
    }
  | {
      readonly type: "requestsRequeued";
      readonly pool: string;
      readonly model: string;
      readonly worker: string;
      readonly batchId: string;
      readonly reason: RequeueReason;
      readonly count: number;
    }
  | {
      readonly type: "requestDeadLettered";
      readonly pool: string;
      readonly model: string;
      readonly tenant: string;
      readonly requestId: string;
      readonly attempt: number;
    }
  | {
      readonly type: "poolSampled";
      readonly pool: string;
      readonly epoch: number;
      readonly queuedCount: number;
      readonly queuedBytes: number;
      readonly oldestMs: number;
      /** Batches with workers. */
      readonly batchCount: number;
      readonly creditCount: number;
      /** Those in which anything waits or runs, or did of late. */
      readonly classes: readonly ClassSample[];
    }
  | {
      readonly type: "tenantsSampled";
      readonly pool: string;
      /** Those that received most of late; a bounded number. */
      readonly tenants: readonly TenantSample[];
      /** All others together. */
      readonly others: Omit<TenantSample, "tenant" | "fairShare" | "lagMs">;
    }
  | {
      readonly type: "modelRecordFailed";
      readonly pool: string;
      readonly model: string;
      readonly error: unknown;
    };

/** Takes events as they happen; must not throw. */
export type OnDispatcherEvent = (event: DispatcherEvent) => void;
