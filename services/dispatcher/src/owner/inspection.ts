import type { Message, Messaging, Subscription } from "@sluice/messaging";
import {
  decodeInspectQuestion,
  encodeInspectAnswer,
  encodeInspectError,
  InferenceError,
  maxInspectedRequests,
  maxInspectedTenants,
  maxInspectedWorkers,
  subjects,
  type InspectAnswer,
  type InspectQuestion,
  type ModelReport,
  type ModelSignature,
  type PoolReport,
  type RequestReport,
  type RunningRequestReport,
  type SignatureForm,
  type WaitingRequestReport,
} from "@sluice/protocol";
import type { Clock } from "@sluice/runtime";
import type { FairQueue } from "@sluice/scheduling";
import type { OnDispatcherEvent } from "../event.ts";
import type { PoolRoster } from "../workers/pool-roster.ts";
import type { Backlog } from "./backlog.ts";
import type { Batches } from "./batches.ts";
import type { Batch, OpenRequest, Run } from "./open-request.ts";
import { slotsNow } from "./slots-now.ts";
import { viewQueue, type TenantSamples } from "./tenant-samples.ts";
import { byWork, countRuns, oldestMs, receivedByOthers, sumUp } from "./tenant-standing.ts";

/** Answers the questions of `inspect.<pool>`; `docs/protocol.md` says what its numbers mean. */
export interface Inspection {
  /** Subscribes them: this is the owner of the pool from now on. */
  open(): void;
  close(): void;
}

export interface InspectionOptions {
  readonly self: string;
  readonly roster: PoolRoster;
  readonly queue: FairQueue<OpenRequest>;
  readonly backlog: Pick<Backlog, "size" | "bytes" | "requests">;
  readonly batches: Batches;
  readonly samples: TenantSamples;
  /** Most bytes of the requests in one batch. */
  readonly maxBatchBytes: number;
  readonly messaging: Messaging;
  readonly clock: Clock;
  readonly onEvent: OnDispatcherEvent;
  readonly epoch: () => number;
}

export function createInspection(options: InspectionOptions): Inspection {
  const { self, roster, queue, backlog, batches, samples, maxBatchBytes, messaging, clock, onEvent } =
    options;
  const { pool } = roster;
  let subscription: Subscription | undefined;

  const describePool = (nowMs: number): PoolReport => {
    const view = viewQueue(queue, nowMs);
    const standings = samples.standings(view).sort(byWork);
    const listed = standings.slice(0, maxInspectedTenants);
    const unlisted = standings.slice(maxInspectedTenants);
    return {
      kind: "pool",
      pool,
      epoch: options.epoch(),
      owner: self,
      workerCount: roster.runningCount,
      models: roster.models,
      queuedCount: backlog.size(),
      queuedBytes: backlog.bytes(),
      oldestMs: oldestMs(standings),
      inFlightCount: countRuns(batches),
      uselessRatio: samples.uselessRatio(),
      tenants: listed.map(({ report }) => ({ ...report, ...samples.times(report.tenant) })),
      others: {
        ...sumUp(unlisted, samples.otherRefusals()),
        receivedMs: receivedByOthers(listed, view),
      },
    };
  };

  const describeWaiting = (request: OpenRequest, nowMs: number): WaitingRequestReport | undefined => {
    const slots = slotsNow({ roster, batches, maxBatchBytes }, nowMs);
    const outlook = queue.outlook(request, { slots, nowMs });
    if (outlook === undefined) return undefined;
    const { tenant, model, attempt, deadlineMs } = request;
    const { startInMs } = outlook;
    let aheadMs = outlook.aheadMs;
    for (const { running, freeInMs } of slots) if (running.length > 0) aheadMs += freeInMs;
    return {
      state: "waiting",
      tenant,
      model,
      attempt,
      place: outlook.place,
      aheadCount: outlook.aheadCount,
      aheadMs,
      ...(startInMs !== undefined && { startInMs }),
      timeLeftMs: Math.max(0, deadlineMs - nowMs),
      isHeld: outlook.isHeld,
    };
  };

  const describeRequest = (
    { id, tenant }: Extract<InspectQuestion, { kind: "request" }>,
    nowMs: number,
  ): RequestReport => {
    const isMeant = (run: Run): boolean => run.id === id && (tenant === undefined || run.tenant === tenant);
    const requests: (WaitingRequestReport | RunningRequestReport)[] = [];
    for (const batch of batches.all()) {
      for (const run of batch.runs) if (isMeant(run)) requests.push(describeRunning(run, batch, nowMs));
    }
    for (const request of backlog.requests()) {
      const report = isMeant(request) ? describeWaiting(request, nowMs) : undefined;
      if (report !== undefined) requests.push(report);
    }
    return { kind: "request", id, requests: requests.slice(0, maxInspectedRequests) };
  };

  /** @throws {InferenceError} `notFound` for a model that the pool never served. */
  const describeModel = (model: string): ModelReport => {
    const signature = roster.signature(model);
    if (signature === undefined) {
      throw new InferenceError("notFound", `pool "${pool}" does not serve model "${model}"`);
    }
    const { version, maxBatchSize, hasBatchAxis, isIterative, forms } = signature;
    const costPerItemMs = queue.costPerItemMs(model);
    const workers = roster.workersWith(model).slice(0, maxInspectedWorkers);
    return {
      kind: "model",
      model,
      version,
      maxBatchSize: hasBatchAxis ? maxBatchSize : 1,
      hasLengths:
        roster.textLengths(model).elementsPerByte > 0 || forms.some((form) => isRagged(form, signature)),
      isIterative,
      ...(costPerItemMs !== undefined && { costPerItemMs }),
      workers: workers.map((worker) => {
        const latency = roster.latency(worker, model);
        return { worker, ...(latency !== undefined && { latency }) };
      }),
    };
  };

  const describe = (question: InspectQuestion): InspectAnswer => {
    const nowMs = clock.monotonicMs();
    switch (question.kind) {
      case "pool":
        return describePool(nowMs);
      case "request":
        return describeRequest(question, nowMs);
      case "model":
        return describeModel(question.model);
    }
  };

  const answer = (message: Message): Uint8Array => {
    try {
      return encodeInspectAnswer(describe(decodeInspectQuestion(message.payload)));
    } catch (error) {
      return encodeInspectError(InferenceError.from(error));
    }
  };

  const take = (message: Message): void => {
    if (message.reply === "") return;
    try {
      messaging.publish(message.reply, answer(message));
    } catch (error) {
      // Whoever asked gives up by itself.
      onEvent({ type: "answerFailed", pool, error });
    }
  };

  return {
    open: () => {
      subscription ??= messaging.subscribe(subjects.inspect(pool), take);
    },
    close: () => {
      subscription?.unsubscribe();
      subscription = undefined;
    },
  };
}

/** Whether the form leaves open how long its rows are. */
function isRagged({ inputs }: SignatureForm, { hasBatchAxis }: ModelSignature): boolean {
  return inputs.some(({ shape }) => (hasBatchAxis ? shape.slice(1) : shape).includes(-1));
}

function describeRunning(run: Run, batch: Batch, nowMs: number): RunningRequestReport {
  const { tenant, attempt } = run;
  const { model, worker, batchId, sentAtMs } = batch;
  return {
    state: "running",
    tenant,
    model,
    attempt,
    worker,
    batchId,
    sinceMs: Math.max(0, nowMs - sentAtMs),
  };
}
