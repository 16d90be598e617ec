import type { Logger } from "@sluice/runtime";

import type { WorkerEvent } from "./worker-event.ts";

/** Writes the log line of an event, at the level of what an operator must do. */
export function logEvent(log: Logger, event: WorkerEvent): void {
  switch (event.type) {
    case "stateChanged":
      // The lifecycle writes its own line.
      return;
    case "modelLoaded":
      log.info("model loaded", fieldsOf(event));
      return;
    case "modelCalibrated":
      log.info("model calibrated", fieldsOf(event));
      return;
    case "calibrationSkipped":
      log.info("calibration skipped", fieldsOf(event));
      return;
    case "latencyOutgrown":
      log.warn("latency far from calibration", fieldsOf(event));
      return;
    case "latencyChanged":
      log.debug("latency changed", fieldsOf(event));
      return;
    case "modelFailed":
      log.error("model not loaded", { model: event.model, err: event.error });
      return;
    case "engineLost":
      log.error("engine died", fieldsOf(event));
      return;
    case "engineReplaced":
      log.info("engine replaced", fieldsOf(event));
      return;
    case "epochChanged":
      log.info("epoch changed", fieldsOf(event));
      return;
    case "engineFailed":
      log.warn("engine run failed", {
        model: event.model,
        requestCount: event.requestCount,
        err: event.error,
      });
      return;
    case "batchRefused":
      log.warn("batch refused", fieldsOf(event));
      return;
    case "packLost":
      log.error("results not delivered", fieldsOf(event));
      return;
    case "batchCompleted":
      log.debug("batch completed", fieldsOf(event));
      return;
    case "batchRepeated":
      log.debug("batch repeated", fieldsOf(event));
      return;
    case "streamParked":
      log.debug("stream parked", fieldsOf(event));
      return;
    case "creditSent":
    case "batchReceived":
    case "batchStarted":
    case "engineRan":
    case "uselessRun":
    case "sequenceJoined":
    case "sequenceLeft":
    case "stepRan":
    case "requestsAnswered":
    case "packPublished":
    case "packSent":
    case "packDelivered":
      // Too many for a log; metrics count them.
      return;
  }
}

function fieldsOf({ type: _type, ...fields }: WorkerEvent): Record<string, unknown> {
  return fields;
}
