import { isCode, type ErrorCode } from "./code.ts";
import { InferenceError } from "./error.ts";
import {
  amount,
  count,
  fields,
  finite,
  flag,
  listOf,
  mapOf,
  numberFrom,
  oneOf,
  text,
  token,
  tokenOrEmpty,
  wrongField,
  type Fields,
} from "./fields.ts";
import type {
  InspectAnswer,
  InspectQuestion,
  ModelReport,
  OtherTenantsReport,
  PoolReport,
  Refusals,
  RequestReport,
  RunningRequestReport,
  TenantReport,
  WaitingRequestReport,
  WorkerLatencyReport,
} from "./inspect.ts";
import { parseJson, toJson } from "./json.ts";
import { maxInspectedRequests, maxInspectedTenants, maxInspectedWorkers, maxParameters } from "./limits.ts";
import { poolModels } from "./pool.ts";
import { modelLatency } from "./profile.ts";
import { tenantClasses } from "./tenant-class.ts";

const part = numberFrom(0, 1);
const tenantClass = oneOf(tenantClasses);
const refusalCounts = mapOf(count, maxParameters);
const tenantReports = listOf(readTenant, maxInspectedTenants);
const workerReports = listOf(readWorker, maxInspectedWorkers);
const requestReports = listOf(readOpenRequest, maxInspectedRequests);

export function encodeInspectQuestion(question: InspectQuestion): Uint8Array {
  return toJson(question);
}

/** @throws {InferenceError} `invalidArgument` for anything but an {@link InspectQuestion}. */
export function decodeInspectQuestion(bytes: Uint8Array): InspectQuestion {
  const question = fields(parseJson(bytes), "question");
  switch (question["kind"]) {
    case "pool":
      return { kind: "pool" };
    case "request": {
      const tenant = question["tenant"];
      return {
        kind: "request",
        id: token(question["id"], "id"),
        ...(tenant !== undefined && { tenant: token(tenant, "tenant") }),
      };
    }
    case "model":
      return { kind: "model", model: token(question["model"], "model") };
    default:
      throw wrongField("kind", question["kind"], "one of pool, request, model");
  }
}

export function encodeInspectAnswer(answer: InspectAnswer): Uint8Array {
  return toJson(answer);
}

/** Writes why a question was not answered, as the JSON form of requests does. */
export function encodeInspectError({ code, message }: InferenceError): Uint8Array {
  return toJson({ error: message, code });
}

/** @throws {InferenceError} what {@link encodeInspectError} wrote; `invalidArgument` for anything but an {@link InspectAnswer}. */
export function decodeInspectAnswer(bytes: Uint8Array): InspectAnswer {
  const answer = fields(parseJson(bytes), "answer");
  if (answer["error"] !== undefined) throw readError(answer);
  switch (answer["kind"]) {
    case "pool":
      return readPool(answer);
    case "request":
      return readRequest(answer);
    case "model":
      return readModel(answer);
    default:
      throw wrongField("kind", answer["kind"], "one of pool, request, model");
  }
}

function readError(answer: Fields): InferenceError {
  const code = answer["code"];
  const message = text(answer["error"], "error");
  return new InferenceError(isErrorCode(code) ? code : "internal", message);
}

function isErrorCode(value: unknown): value is ErrorCode {
  return isCode(value) && value !== "ok";
}

function readPool(report: Fields): PoolReport {
  const { uselessRatio } = report;
  return {
    kind: "pool",
    pool: token(report["pool"], "pool"),
    epoch: count(report["epoch"], "epoch"),
    owner: token(report["owner"], "owner"),
    workerCount: count(report["workerCount"], "workerCount"),
    models: poolModels(report["models"], "models"),
    queuedCount: count(report["queuedCount"], "queuedCount"),
    queuedBytes: count(report["queuedBytes"], "queuedBytes"),
    oldestMs: amount(report["oldestMs"], "oldestMs"),
    inFlightCount: count(report["inFlightCount"], "inFlightCount"),
    ...(uselessRatio !== undefined && { uselessRatio: part(uselessRatio, "uselessRatio") }),
    tenants: tenantReports(report["tenants"], "tenants"),
    others: readOthers(fields(report["others"], "others")),
  };
}

function readTenant(value: unknown, name: string): TenantReport {
  const report = fields(value, name);
  const className = report["class"];
  const p50Ms = report["p50Ms"];
  const p99Ms = report["p99Ms"];
  return {
    tenant: token(report["tenant"], "tenant"),
    ...(className !== undefined && { class: tenantClass(className, "class") }),
    group: tokenOrEmpty(report["group"], "group"),
    weight: amount(report["weight"], "weight"),
    waitingCount: count(report["waitingCount"], "waitingCount"),
    oldestMs: amount(report["oldestMs"], "oldestMs"),
    inFlightCount: count(report["inFlightCount"], "inFlightCount"),
    receivedMs: amount(report["receivedMs"], "receivedMs"),
    share: part(report["share"], "share"),
    fairShare: part(report["fairShare"], "fairShare"),
    lagMs: finite(report["lagMs"], "lagMs"),
    ...(p50Ms !== undefined && { p50Ms: amount(p50Ms, "p50Ms") }),
    ...(p99Ms !== undefined && { p99Ms: amount(p99Ms, "p99Ms") }),
    refusals: readRefusals(report["refusals"], "refusals"),
  };
}

function readOthers(report: Fields): OtherTenantsReport {
  return {
    tenantCount: count(report["tenantCount"], "tenantCount"),
    waitingCount: count(report["waitingCount"], "waitingCount"),
    inFlightCount: count(report["inFlightCount"], "inFlightCount"),
    receivedMs: amount(report["receivedMs"], "receivedMs"),
    share: part(report["share"], "share"),
    refusals: readRefusals(report["refusals"], "refusals"),
  };
}

/** Codes that this version does not know are left out. */
function readRefusals(value: unknown, name: string): Refusals {
  const refusals: Partial<Record<ErrorCode, number>> = {};
  for (const [code, times] of Object.entries(refusalCounts(value, name))) {
    if (isErrorCode(code)) refusals[code] = times;
  }
  return refusals;
}

function readModel(report: Fields): ModelReport {
  const { isIterative, costPerItemMs } = report;
  return {
    kind: "model",
    model: token(report["model"], "model"),
    version: text(report["version"], "version"),
    maxBatchSize: count(report["maxBatchSize"], "maxBatchSize"),
    hasLengths: flag(report["hasLengths"], "hasLengths"),
    ...(isIterative !== undefined && { isIterative: flag(isIterative, "isIterative") }),
    ...(costPerItemMs !== undefined && { costPerItemMs: amount(costPerItemMs, "costPerItemMs") }),
    workers: workerReports(report["workers"], "workers"),
  };
}

function readWorker(value: unknown, name: string): WorkerLatencyReport {
  const report = fields(value, name);
  const latency = report["latency"];
  return {
    worker: token(report["worker"], "worker"),
    ...(latency !== undefined && { latency: modelLatency(latency, "latency") }),
  };
}

function readRequest(report: Fields): RequestReport {
  return {
    kind: "request",
    id: token(report["id"], "id"),
    requests: requestReports(report["requests"], "requests"),
  };
}

function readOpenRequest(value: unknown, name: string): WaitingRequestReport | RunningRequestReport {
  const report = fields(value, name);
  const request = {
    tenant: token(report["tenant"], "tenant"),
    model: token(report["model"], "model"),
    attempt: count(report["attempt"], "attempt"),
  };
  switch (report["state"]) {
    case "waiting": {
      const startInMs = report["startInMs"];
      return {
        state: "waiting",
        ...request,
        place: count(report["place"], "place"),
        aheadCount: count(report["aheadCount"], "aheadCount"),
        aheadMs: amount(report["aheadMs"], "aheadMs"),
        ...(startInMs !== undefined && { startInMs: amount(startInMs, "startInMs") }),
        timeLeftMs: amount(report["timeLeftMs"], "timeLeftMs"),
        isHeld: flag(report["isHeld"], "isHeld"),
      };
    }
    case "running":
      return {
        state: "running",
        ...request,
        worker: token(report["worker"], "worker"),
        batchId: token(report["batchId"], "batchId"),
        sinceMs: amount(report["sinceMs"], "sinceMs"),
      };
    default:
      throw wrongField("state", report["state"], "one of waiting, running");
  }
}
