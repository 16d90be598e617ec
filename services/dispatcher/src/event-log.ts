import type { Logger } from "@sluice/runtime";
import type { DispatcherEvent, OnDispatcherEvent } from "./event.ts";

type Level = "debug" | "info" | "warn" | "error";

interface Line {
  readonly level: Level;
  readonly message: string;
}

/** How each event is logged; `undefined` = it is only counted. */
const lines: { readonly [Type in DispatcherEvent["type"]]: Line | undefined } = {
  bucketsNotOpened: { level: "warn", message: "buckets not opened, waiting for JetStream" },
  heartbeatFailed: { level: "warn", message: "heartbeat failed" },
  heartbeatsResumed: { level: "info", message: "heartbeats resumed" },
  leaseLapsed: { level: "warn", message: "lease lapsed" },
  leaseRegained: { level: "info", message: "lease regained" },
  leaseFailed: { level: "warn", message: "pool record not reached" },
  poolOwned: { level: "info", message: "pool owned" },
  poolLost: { level: "info", message: "pool lost" },
  handoverStarted: { level: "info", message: "hand-over started" },
  handoverPrepared: { level: "info", message: "hand-over prepared" },
  handoverFailed: { level: "warn", message: "hand-over failed" },
  handoverAbandoned: { level: "warn", message: "hand-over abandoned" },
  workerFound: { level: "info", message: "worker found" },
  workerLost: { level: "warn", message: "worker lost" },
  signatureMismatch: { level: "warn", message: "model versions differ" },
  malformedMessage: { level: "warn", message: "message refused" },
  tenantRecordsRead: { level: "info", message: "tenant records read" },
  tenantRecordChanged: { level: "info", message: "tenant record changed" },
  tenantRecordUnreadable: { level: "warn", message: "tenant record not read" },
  budgetFailed: { level: "warn", message: "budget not read or written" },
  quotasSampled: undefined,
  quotaHomeSilent: { level: "warn", message: "home of quotas did not answer" },
  replySubjectRefused: { level: "warn", message: "reply subject refused" },
  announcementFailed: { level: "warn", message: "pool event not published" },
  answerFailed: { level: "warn", message: "credit answer not published" },
  replyFailed: { level: "warn", message: "reply not published" },
  requestsAdmitted: undefined,
  duplicateDropped: undefined,
  requestAttached: undefined,
  requestsRefused: undefined,
  requestsDropped: undefined,
  batchSent: undefined,
  batchRefused: { level: "warn", message: "batch refused" },
  batchDone: undefined,
  requestsRequeued: { level: "info", message: "requests queued again" },
  requestDeadLettered: { level: "error", message: "request dead-lettered" },
  poolSampled: undefined,
  tenantsSampled: undefined,
  modelRecordFailed: { level: "warn", message: "model record not written" },
};

/** Creates a listener that writes a line for every event that is not of one request's ordinary life. */
export function createEventLog(log: Logger): OnDispatcherEvent {
  return (event) => {
    const line = lines[event.type];
    if (line === undefined) return;
    const { type: _type, ...fields } = event;
    if ("error" in fields) {
      const { error, ...others } = fields;
      log[line.level](line.message, { ...others, err: error });
    } else {
      log[line.level](line.message, fields);
    }
  };
}
