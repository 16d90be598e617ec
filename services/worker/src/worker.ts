import type { Messaging } from "@sluice/messaging";
import type { Heartbeat } from "@sluice/protocol";
import { InferenceError } from "@sluice/protocol";
import type { Clock, Logger, ServiceState } from "@sluice/runtime";
import { createLifecycle, linkSignals } from "@sluice/runtime";

import type { WorkerConfig } from "./config.ts";
import type { LoadEngine } from "./models/engine-loader.ts";
import { loadModels } from "./models/model-host.ts";
import { selectModels } from "./models/select-models.ts";
import { startHeartbeat } from "./presence/heartbeat.ts";
import type { ModelRepository } from "./repository/model-repository.ts";
import type { Serving } from "./serving.ts";
import { startServing } from "./serving.ts";
import type { WorkerEvent } from "./worker-event.ts";
import { logEvent } from "./worker-log.ts";

/** A worker: loads models of one pool, asks its owner for batches, runs them and delivers the results. */
export interface Worker {
  readonly id: string;
  readonly pool: string;
  readonly state: ServiceState;
  /**
   * Runs until `shutdown` aborts and everything is finished or given back. To be called once.
   * @throws {InferenceError} `unavailable` when no model can be loaded, or the connection is lost for good.
   */
  run(shutdown: AbortSignal): Promise<void>;
}

export interface WorkerOptions {
  readonly config: WorkerConfig;
  /** The worker's connection; whoever opened it closes it after the run. */
  readonly messaging: Messaging;
  readonly repository: ModelRepository;
  readonly loadEngine: LoadEngine;
  readonly clock: Clock;
  readonly log: Logger;
  readonly onEvent?: (event: WorkerEvent) => void;
}

/**
 * Creates a worker for the models that its configuration picks from the repository.
 * @throws {InferenceError} `notFound` or `invalidArgument` when there are none, or they belong to several pools.
 */
export function createWorker(options: WorkerOptions): Worker {
  const { config, messaging, clock, log } = options;
  const { workerId: worker, graceMs } = config;
  const selection = selectModels(options.repository, config);
  const { pool } = selection;
  const onEvent = (event: WorkerEvent): void => {
    logEvent(log, event);
    options.onEvent?.(event);
  };
  const lifecycle = createLifecycle({ log, service: "worker", onEvent: (event) => options.onEvent?.(event) });
  let hasRun = false;

  const live = async (shutdown: AbortSignal): Promise<void> => {
    let serving: Serving | undefined;
    using stop = linkSignals(shutdown);
    using _connection = messaging.onEvent((event) => {
      if (event.type === "closed") stop.abort(connectionLost(event.error));
      if (event.type === "reconnected") serving?.introduce();
    });
    using heartbeat = startHeartbeat({
      pool,
      worker,
      messaging,
      clock,
      log,
      onLate: () => serving?.introduce(),
      current: () => {
        const { epoch = 0, batchIds = [], costsMs } = serving ?? {};
        const state = stateOnWire(lifecycle.state);
        return { state, epoch, batchIds, ...(costsMs === undefined ? {} : { costsMs }) };
      },
    });
    for (const { model, error } of selection.failures) onEvent({ type: "modelFailed", model, error });
    await using host = await loadModels(selection.models, {
      ...options,
      calibrationMs: config.calibrationMs,
      signal: stop.signal,
      onEvent,
    });
    if (!stop.signal.aborted) {
      serving = startServing({ ...options, pool, host, onFault: stop.abort, onEvent });
      lifecycle.set("running");
      heartbeat.beat();
      await aborted(stop.signal);
    }
    if (!shutdown.aborted) {
      serving?.abandon();
      throw stop.signal.reason;
    }
    lifecycle.set("draining");
    heartbeat.beat();
    await serving?.drain(graceMs);
  };

  return {
    id: worker,
    pool,
    get state() {
      return lifecycle.state;
    },
    run: async (shutdown) => {
      if (hasRun) throw new Error("a worker runs once");
      hasRun = true;
      try {
        await live(shutdown);
        lifecycle.set("stopped");
      } catch (error) {
        lifecycle.set("failed");
        throw error;
      }
    },
  };
}

/** The state that others are told; a worker that ended tells nothing. */
function stateOnWire(state: ServiceState): Heartbeat["state"] {
  return state === "starting" || state === "running" ? state : "draining";
}

function connectionLost(cause: unknown): InferenceError {
  return new InferenceError("unavailable", "the connection was closed", { cause });
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
