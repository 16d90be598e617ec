import type { Message } from "@sluice/messaging";
import {
  checkReplySubject,
  decodeJsonRequest,
  decodeRequestPack,
  InferenceError,
  isJsonPayload,
  parseSubject,
  requestBytes,
  type InferenceRequest,
} from "@sluice/protocol";
import { createId, type Clock } from "@sluice/runtime";
import type { BatchScheduler } from "@sluice/scheduling";
import type { OnDispatcherEvent } from "../event.ts";
import type { Wallets } from "../quotas/wallets.ts";
import type { OwnerSettings } from "../settings.ts";
import { noWorkerRetryMs } from "../settings.ts";
import type { TenantDirectory } from "../tenants/tenant-directory.ts";
import { tenantRefusal } from "../tenants/tenant-refusal.ts";
import { limitedBy } from "../tenants/limited-by.ts";
import type { PoolRoster } from "../workers/pool-roster.ts";
import type { Backlog } from "./backlog.ts";
import type { Batches } from "./batches.ts";
import { queueFull, requestTooLarge, turnTooLate } from "./limit-refusals.ts";
import {
  openAgain,
  openRequest,
  type OpenRequest,
  type Placement,
  type RequestSource,
} from "./open-request.ts";
import type { OpenRuns } from "./open-runs.ts";
import { checkPayment, priceOf, toPayment, type Price } from "./payment.ts";
import type { Replies } from "./replies.ts";
import { createRowChecks, type RowChecks } from "./row-checks.ts";
import { createTenantQueue, type TenantQueue } from "./tenant-queue.ts";

/** Lets requests into the queue, or answers at once why not. */
export interface Admission {
  /** Takes one message of `infer.<model>.<tenant>`, from the subscription of the model. */
  admit(model: string, message: Message): void;
}

export interface AdmissionOptions {
  readonly roster: PoolRoster;
  readonly backlog: Backlog;
  readonly scheduler: Pick<BatchScheduler<OpenRequest>, "arrived">;
  readonly batches: Batches;
  readonly openRuns: OpenRuns;
  readonly replies: Replies;
  /** Asked once for each message. */
  readonly policies: Pick<TenantDirectory, "tenant" | "admission" | "groupAdmission">;
  readonly wallets: Pick<Wallets, "check">;
  readonly clock: Clock;
  readonly settings: OwnerSettings;
  /** Most bytes that a request may add to a batch. */
  readonly maxRequestBytes: number;
  readonly onEvent: OnDispatcherEvent;
  /** Whether a request for a model without workers is refused now. */
  readonly refusesWithoutWorker: () => boolean;
  /** Whether queues and quotas of tenants refuse anything now: not while what was let in before comes here from elsewhere. */
  readonly boundsTenants: () => boolean;
  readonly nextArrival: () => number;
}

/** What the requests of one message have in common. */
interface Source {
  readonly caller: RequestSource;
  readonly checks: RowChecks;
  /** What requests without a timeout get. */
  readonly defaultTimeoutMs: number;
  /** `undefined` where no queue is bounded. */
  readonly tenantQueue: TenantQueue | undefined;
  /** `undefined` where nothing limits what the tenant may spend. */
  readonly price: Price | undefined;
}

/** Most bytes of a UTF-16 unit in UTF-8; tenant and reply travel with a request to its worker. */
const unitBytes = 3;

export function createAdmission(options: AdmissionOptions): Admission {
  const {
    roster,
    backlog,
    scheduler,
    batches,
    openRuns,
    replies,
    policies,
    wallets,
    clock,
    settings,
    onEvent,
  } = options;
  const { pool } = roster;
  /** Begins the ids of requests that came without one; random once, counted on. */
  const idPrefix = createId();
  let idCount = 0;

  const nextId = (): string => {
    idCount += 1;
    return `${idPrefix}-${idCount}`;
  };

  /** @throws {InferenceError} what the caller is told. */
  const place = (
    request: InferenceRequest,
    { caller: { tenant, reply }, checks, price, defaultTimeoutMs }: Source,
  ): Placement => {
    const timeoutMs = request.timeoutMs === 0 ? defaultTimeoutMs : request.timeoutMs;
    if (request.queuedMs >= timeoutMs) {
      const message = `the timeout of ${timeoutMs} ms had passed when the request arrived`;
      throw new InferenceError("deadlineExceeded", message);
    }
    const { items, length } = checks.shapeOf(request);
    const bytes = requestBytes(request) + unitBytes * (tenant.length + reply.length);
    if (bytes > options.maxRequestBytes) throw requestTooLarge(bytes, options.maxRequestBytes);
    const id = request.id === "" ? nextId() : request.id;
    const arrival = options.nextArrival();
    const payment = toPayment(price, items);
    return { id, timeoutMs, attempt: 0, runsAlone: false, items, length, bytes, arrival, payment };
  };

  /**
   * @throws {InferenceError} `deadlineExceeded`, `resourceExhausted` or `unavailable` when the request cannot wait here, or not be
   * paid for.
   */
  const checkRoom = (request: OpenRequest, { tenantQueue, caller: { nowMs } }: Source): void => {
    const { model, items, bytes, payment } = request;
    if (roster.workerCount(model) === 0 && options.refusesWithoutWorker()) {
      throw new InferenceError("unavailable", `model "${model}" has no worker now`, {
        retryAfterMs: noWorkerRetryMs,
      });
    }
    tenantQueue?.check(items);
    const exceeded = backlog.exceeded(model, bytes);
    if (exceeded !== undefined) throw queueFull(pool, exceeded);
    const lateness = options.boundsTenants() ? backlog.lateness(request, nowMs) : undefined;
    if (lateness !== undefined) throw turnTooLate(request, lateness, nowMs);
    if (payment !== undefined && options.boundsTenants()) checkPayment(wallets, payment);
  };

  /** Whether the request waits now. A request that is open already is dropped, or attached to the run a worker listed for it. */
  const enter = (request: OpenRequest, source: Source): boolean => {
    const { model, reply, id } = request;
    const open = openRuns.find(reply, id);
    if (open === undefined) {
      checkRoom(request, source);
      backlog.add(request);
      scheduler.arrived(request, source.caller.nowMs);
      source.tenantQueue?.count(request.items);
      return true;
    }
    if (open.kind === "listed" && open.batch !== undefined) {
      batches.addRun(open.batch, openAgain(request, open));
      onEvent({ type: "requestAttached", pool, model });
    } else {
      onEvent({ type: "duplicateDropped", pool, model });
    }
    return false;
  };

  const refuse = (request: InferenceRequest, source: RequestSource, error: InferenceError): void => {
    const { id, accept, attempt } = request;
    const { tenant, reply, model } = source;
    replies.refuse({ id, accept, attempt, tenant, reply }, model, error);
  };

  const admitOne = (request: InferenceRequest, source: Source): boolean => {
    try {
      return enter(openRequest(request, source.caller, place(request, source)), source);
    } catch (error) {
      refuse(request, source.caller, InferenceError.from(error));
      return false;
    }
  };

  /** The requests of a message; one error for the sender if it cannot be read, as JSON because nothing says that the sender reads packs. */
  const read = (message: Message, source: RequestSource): readonly InferenceRequest[] => {
    try {
      const isJson = isJsonMessage(message);
      return isJson ? [decodeJsonRequest(message.payload)] : decodeRequestPack(message.payload).requests;
    } catch (error) {
      const { tenant, reply, model } = source;
      const caller = { id: "", accept: "json", attempt: 0, tenant, reply } as const;
      replies.refuse(caller, model, InferenceError.from(error));
      return [];
    }
  };

  return {
    admit: (model, message) => {
      const subject = parseSubject(message.subject);
      if (subject?.kind !== "infer") return;
      const { tenant } = subject;
      const { reply } = message;
      if (!checkReplySubject(reply, tenant)) {
        onEvent({ type: "replySubjectRefused", subject: message.subject, reply });
        return;
      }
      const signature = roster.signature(model);
      // Only subjects of models with a signature are subscribed.
      if (signature === undefined) return;
      const caller: RequestSource = {
        model,
        tenant,
        reply,
        maxBatchItems: signature.maxBatchSize,
        keepsOrder: signature.batching?.preserveOrdering ?? false,
        nowMs: clock.monotonicMs(),
      };
      const requests = read(message, caller);
      const refusal = tenantRefusal(policies, caller);
      if (refusal !== undefined) {
        for (const request of requests) refuse(request, caller, refusal);
        return;
      }
      const limits = limitedBy(policies, tenant);
      const source: Source = {
        caller,
        defaultTimeoutMs: signature.sloMs ?? settings.defaultTimeoutMs,
        checks: createRowChecks({ signature, elementsPerByte: roster.elementsPerByte(model) }),
        tenantQueue: options.boundsTenants()
          ? createTenantQueue(caller, { roster, backlog, limitedBy: limits })
          : undefined,
        price: priceOf(backlog, { limitedBy: limits, tenant, model }),
      };
      let count = 0;
      for (const request of requests) if (admitOne(request, source)) count += 1;
      if (count > 0) onEvent({ type: "requestsAdmitted", pool, model, count });
    },
  };
}

function isJsonMessage(message: Message): boolean {
  return isJsonPayload(message.payload) || message.header("Content-Type").startsWith("application/json");
}
