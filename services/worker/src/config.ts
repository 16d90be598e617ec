import type { Provider } from "@sluice/engine";
import { isProvider, providers } from "@sluice/engine";
import { natsAccess, natsAccessSettings, type NatsAccess } from "@sluice/messaging";
import type { Environment, LogLevel } from "@sluice/runtime";
import {
  ConfigError,
  createId,
  durationMs,
  integer,
  list,
  logLevel,
  port,
  readSettings,
  setting,
  token,
} from "@sluice/runtime";
import { z } from "zod";

/** What a worker is told by its environment; see {@link readConfig} for variables and defaults. */
export interface WorkerConfig {
  /**
   * NATS servers to connect to, and who it is to them. `SLUICE_NATS_URL`; a server on this machine by default. `SLUICE_NATS_USER`
   * and `SLUICE_NATS_PASSWORD`, or another login of docs/operations.md; nobody by default.
   */
  readonly nats: NatsAccess;
  /** Name of this worker, unique in its pool. `SLUICE_WORKER_ID`; made up by default. */
  readonly workerId: string;
  /** Its pool. `SLUICE_POOL`; by default the one pool that its models name. */
  readonly pool: string | undefined;
  /** Models it serves. `SLUICE_MODELS`; by default all of its pool. */
  readonly models: readonly string[] | undefined;
  /** Folder of the models. `SLUICE_MODEL_REPOSITORY`. */
  readonly modelRepository: string;
  /**
   * Batches it runs at the same time. `SLUICE_SLOTS`; 2 on `cpu`, so that one batch is prepared or delivered while
   * another computes, else 1, since a device runs one batch after the other. More than cores / intra-op threads only
   * makes batches slower. Models that generate need no slot.
   */
  readonly slotCount: number;
  /** What computes models that name no provider. `SLUICE_PROVIDER`; `cpu`, which is everywhere. */
  readonly provider: Provider;
  /** Threads of one engine run. `SLUICE_INTRA_OP_THREADS`; 1, because small models gain nothing from more. */
  readonly intraOpThreads: number;
  /**
   * How long each model may be measured before it is served, in milliseconds. `SLUICE_CALIBRATION_MS`; 1 s, in which most models
   * are measured at all sizes; more than 30 models share the time of 30. 0 = not at all: the first requests then show how long a
   * model takes.
   */
  readonly calibrationMs: number;
  /** After a request to stop, how long batches may go on, in milliseconds. `SLUICE_GRACE_MS`; 10 s. */
  readonly graceMs: number;
  /** After a request to stop, when the process ends in any case, in milliseconds. `SLUICE_DRAIN_TIMEOUT_MS`; 25 s, below the usual kill delay of 30 s. */
  readonly drainTimeoutMs: number;
  /** Port of health, readiness and metrics. `SLUICE_STATUS_PORT`; 0 = a free one. */
  readonly statusPort: number;
  /** Address of the status port. `SLUICE_STATUS_HOST`; this machine only. */
  readonly statusHost: string;
  /** `SLUICE_LOG_LEVEL`; `info`. */
  readonly logLevel: LogLevel;
}

/** Most batches at the same time: each keeps its tensors in memory. */
const maxSlotCount = 64;

/** An hour, in milliseconds: nobody waits so long for a worker to start or to stop. */
const maxDurationMs = 3_600_000;

const cpuSlotCount = 2;
const deviceSlotCount = 1;

const settings = z.object({
  ...natsAccessSettings,
  SLUICE_WORKER_ID: token().optional(),
  SLUICE_POOL: token().optional(),
  SLUICE_MODELS: list().optional(),
  SLUICE_MODEL_REPOSITORY: setting("a folder", (text) => text).default("models"),
  SLUICE_SLOTS: integer({ min: 1, max: maxSlotCount, unit: "batches" }).optional(),
  SLUICE_PROVIDER: setting(`one of ${providers.join(", ")}`, (text) =>
    isProvider(text) ? text : undefined,
  ).default("cpu"),
  SLUICE_INTRA_OP_THREADS: integer({ min: 1, max: 256, unit: "threads" }).default(1),
  SLUICE_CALIBRATION_MS: durationMs({ max: maxDurationMs }).default(1000),
  SLUICE_GRACE_MS: durationMs({ max: maxDurationMs }).default(10_000),
  SLUICE_DRAIN_TIMEOUT_MS: durationMs({ max: maxDurationMs }).default(25_000),
  SLUICE_STATUS_PORT: port().default(0),
  SLUICE_STATUS_HOST: setting("an address", (text) => text).default("127.0.0.1"),
  SLUICE_LOG_LEVEL: logLevel().default("info"),
});

/**
 * Reads the configuration of a worker.
 * @throws {ConfigError} listing every problem.
 */
export function readConfig(environment: Environment): WorkerConfig {
  const read = readSettings(settings, environment);
  if (read.SLUICE_GRACE_MS >= read.SLUICE_DRAIN_TIMEOUT_MS) {
    throw new ConfigError([
      {
        variable: "SLUICE_GRACE_MS",
        given: String(read.SLUICE_GRACE_MS),
        expected: `expected less than SLUICE_DRAIN_TIMEOUT_MS, which is ${read.SLUICE_DRAIN_TIMEOUT_MS} ms`,
      },
    ]);
  }
  const provider = read.SLUICE_PROVIDER;
  return Object.freeze({
    nats: natsAccess(read),
    workerId: read.SLUICE_WORKER_ID ?? createId("worker"),
    pool: read.SLUICE_POOL,
    models: read.SLUICE_MODELS,
    modelRepository: read.SLUICE_MODEL_REPOSITORY,
    slotCount: read.SLUICE_SLOTS ?? (provider === "cpu" ? cpuSlotCount : deviceSlotCount),
    provider,
    intraOpThreads: read.SLUICE_INTRA_OP_THREADS,
    calibrationMs: read.SLUICE_CALIBRATION_MS,
    graceMs: read.SLUICE_GRACE_MS,
    drainTimeoutMs: read.SLUICE_DRAIN_TIMEOUT_MS,
    statusPort: read.SLUICE_STATUS_PORT,
    statusHost: read.SLUICE_STATUS_HOST,
    logLevel: read.SLUICE_LOG_LEVEL,
  });
}
