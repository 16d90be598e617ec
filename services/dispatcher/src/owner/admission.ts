import type { Message } from "@sluice/messaging";
import {
  checkReplySubject,
  createRefusal,
  decodeJsonRequest,
  decodeRequestPack,
  InferenceError,
  isInbox,
  isJsonPayload,
  parseSubject,
  requestBytes,
  type InferenceRequest,
  type Refusal,
} from "@sluice/protocol";
import { createId, type Clock } from "@sluice/runtime";
import type { BatchScheduler } from "@sluice/scheduling";
import type { OnDispatcherEvent } from "../event.ts";
import type { Wallets } from "../quotas/wallets.ts";
import type { OwnerSettings } from "../settings.ts";
import type { TenantDirectory } from "../tenants/tenant-directory.ts";
import { tenantRefusal } from "../tenants/tenant-refusal.ts";
import { limitedBy } from "../tenants/limited-by.ts";
import type { PoolRoster } from "../workers/pool-roster.ts";
import type { Backlog } from "./backlog.ts";
import type { Batches } from "./batches.ts";
import { queueFull, requestTooLarge, turnTooLate } from "./limit-refusals.ts";
import { noWorker } from "./no-worker.ts";
import { openAgain, openRequest, type OpenRequest, type RequestSource, type Run } from "./open-request.ts";
import type { OpenRuns } from "./open-runs.ts";
import { paymentRefusal, priceOf, toPayment, type Price } from "./payment.ts";
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
  readonly wallets: Pick<Wallets, "refusal">;
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
  /** Why none of them may wait, where that is so. */
  readonly noWorker: Refusal | undefined;
  /** Whether queues and quotas of tenants refuse anything now. */
  readonly boundsTenants: boolean;
  readonly checks: RowChecks;
  /** What requests without a timeout get. */
  readonly defaultTimeoutMs: number;
  /** `undefined` where no queue is bounded. */
  readonly tenantQueue: TenantQueue | undefined;
  /** `undefined` where nothing limits what the tenant may spend. */
  readonly price: Price | undefined;
  /** How many of them wait now. */
  enteredCount: number;
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

  /** Why a request cannot wait here, or not be paid for: `deadlineExceeded`, `resourceExhausted` or `unavailable`. */
  const roomRefusal = (request: OpenRequest, source: Source): Refusal | undefined => {
    const { model, items, bytes, payment } = request;
    const { nowMs } = source.caller;
    const refusal = source.noWorker ?? source.tenantQueue?.refusal(items);
    if (refusal !== undefined) return refusal;
    const exceeded = backlog.exceeded(model, bytes);
    if (exceeded !== undefined) return queueFull(pool, exceeded);
    if (!source.boundsTenants) return undefined;
    const lateness = backlog.lateness(request, nowMs);
    if (lateness !== undefined) return turnTooLate(request, lateness, nowMs);
    return payment === undefined ? undefined : paymentRefusal(wallets, payment);
  };

  /** Drops a request that is open already, or attaches it to the run that a worker listed for it. */
  const meet = (request: OpenRequest, open: Run): void => {
    const { model } = request;
    if (open.kind === "listed" && open.batch !== undefined) {
      batches.addRun(open.batch, openAgain(request, open));
      onEvent({ type: "requestAttached", pool, model });
    } else {
      onEvent({ type: "duplicateDropped", pool, model });
    }
  };

  /** Lets a request wait that is not open yet. Returns why not where it may not. */
  const enter = (request: OpenRequest, source: Source): Refusal | undefined => {
    const open = openRuns.find(request.reply, request.id);
    if (open !== undefined) {
      meet(request, open);
      return undefined;
    }
    const refusal = roomRefusal(request, source);
    if (refusal !== undefined) return refusal;
    backlog.add(request);
    scheduler.arrived(request, source.caller.nowMs);
    source.tenantQueue?.count(request.items);
    source.enteredCount += 1;
    return undefined;
  };

  /**
   * Takes a request in. Returns why it is refused, which is expected where there is much to do.
   * @throws {InferenceError} `invalidArgument` for one that its model cannot take.
   */
  const take = (request: InferenceRequest, source: Source): Refusal | undefined => {
    const { caller, checks, price } = source;
    const timeoutMs = request.timeoutMs === 0 ? source.defaultTimeoutMs : request.timeoutMs;
    if (request.queuedMs >= timeoutMs) {
      const message = `the timeout of ${timeoutMs} ms had passed when the request arrived`;
      return createRefusal("deadlineExceeded", message);
    }
    const { items, length } = checks.shapeOf(request);
    const bytes = requestBytes(request) + unitBytes * (caller.tenant.length + caller.reply.length);
    if (bytes > options.maxRequestBytes) return requestTooLarge(bytes, options.maxRequestBytes);
    const id = request.id === "" ? nextId() : request.id;
    const arrival = options.nextArrival();
    const payment = toPayment(price, items);
    const placement = {
      id,
      timeoutMs,
      attempt: 0,
      runsAlone: false,
      items,
      length,
      bytes,
      arrival,
      payment,
    };
    return enter(openRequest(request, caller, placement), source);
  };

  const refuse = (request: InferenceRequest, source: RequestSource, refusal: Refusal): void => {
    const { id, accept, attempt } = request;
    const { tenant, reply, model } = source;
    replies.refuse({ id, accept, attempt, tenant, reply }, model, refusal);
  };

  const admitOne = (request: InferenceRequest, source: Source): void => {
    try {
      const refusal = take(request, source);
      if (refusal !== undefined) refuse(request, source.caller, refusal);
    } catch (error) {
      refuse(request, source.caller, InferenceError.from(error));
    }
  };

  /** The requests of a message; one error for the sender if it cannot be read, as JSON because nothing says that the sender reads packs. */
  const read = (message: Message, source: RequestSource): readonly InferenceRequest[] => {
    const isJson = isJsonMessage(message);
    try {
      return isJson ? [decodeJsonRequest(message.payload)] : decodeRequestPack(message.payload).requests;
    } catch (error) {
      const { tenant, reply, model } = source;
      const caller = { id: "", accept: "json", attempt: 0, tenant, reply } as const;
      const refusal = InferenceError.from(error);
      replies.refuse(caller, model, isJson ? refusal : neitherForm(refusal));
      return [];
    }
  };

  /** Says to a plain caller what is wrong with its subject; clients cannot have built it. */
  const refuseSubject = (model: string, { subject, reply }: Message): void => {
    const error = wrongTenant(subject.slice(subject.lastIndexOf(".") + 1));
    onEvent({ type: "malformedMessage", subject, error });
    if (isInbox(reply)) replies.refuseNobody(reply, model, error);
  };

  return {
    admit: (model, message) => {
      const subject = parseSubject(message.subject);
      if (subject?.kind !== "infer") {
        refuseSubject(model, message);
        return;
      }
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
      const boundsTenants = options.boundsTenants();
      const isServed =
        roster.workerCount(model) > 0 || !options.refusesWithoutWorker() || roster.isExpected(model);
      const source: Source = {
        caller,
        noWorker: isServed ? undefined : noWorker(model),
        boundsTenants,
        defaultTimeoutMs: signature.sloMs ?? settings.defaultTimeoutMs,
        checks: createRowChecks({ signature, texts: roster.textLengths(model) }),
        tenantQueue: boundsTenants
          ? createTenantQueue(caller, { roster, backlog, limitedBy: limits })
          : undefined,
        price: priceOf(backlog, { limitedBy: limits, tenant, model }),
        enteredCount: 0,
      };
      for (const request of requests) admitOne(request, source);
      const { enteredCount: count } = source;
      if (count > 0) onEvent({ type: "requestsAdmitted", pool, model, count });
    },
  };
}

/** A plain caller learns what form it missed before what its bytes are as the other one. */
function neitherForm({ code, message }: InferenceError): Refusal {
  return createRefusal(
    code,
    `the message is no JSON document, which starts with {, and no pack of requests: ${message}`,
  );
}

/** Most characters of a name that are shown of one that is none. */
const shownCharacters = 40;

function wrongTenant(tenant: string): InferenceError {
  const shown = JSON.stringify(tenant.slice(0, shownCharacters));
  return new InferenceError(
    "invalidArgument",
    `the tenant in the subject is ${shown}, expected 1 to 64 of A-Z a-z 0-9 _ -`,
  );
}

function isJsonMessage(message: Message): boolean {
  return isJsonPayload(message.payload) || message.header("Content-Type").startsWith("application/json");
}
