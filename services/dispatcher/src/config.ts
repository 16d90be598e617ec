import { natsAccess, natsAccessSettings, type NatsAccess } from "@sluice/messaging";
import { defaultTimeoutMs, maxAttempts } from "@sluice/protocol";
import {
  createId,
  durationMs,
  integer,
  logLevel,
  port,
  readSettings,
  setting,
  token,
  type Environment,
  type LogLevel,
} from "@sluice/runtime";
import { z } from "zod";
import type { OwnerSettings } from "./settings.ts";

/** Everything a dispatcher is told from outside. */
export interface DispatcherConfig {
  /**
   * - `SLUICE_NATS_URL`: servers, separated by commas; default `nats://127.0.0.1:4222`.
   * - `SLUICE_NATS_USER` and `SLUICE_NATS_PASSWORD`, or another login of docs/operations.md; default none.
   */
  readonly nats: NatsAccess;
  /** `SLUICE_DISPATCHER_ID`: token of this replica, unique among them; default a random one, so that replicas need no setting. */
  readonly self: string;
  /**
   * - `SLUICE_DEFAULT_TIMEOUT_MS`: for callers that give none; default 30 s. Raise it if such callers wait longer in good order.
   * - `SLUICE_MAX_QUEUE_REQUESTS`, `SLUICE_MAX_QUEUE_BYTES`: bounds of one pool's queue; default 20000 requests and 256 MiB, what
   *   fits beside the rest in a process of 1 GiB. Lower them if memory is short; callers beyond are told to come back.
   * - `SLUICE_MAX_ATTEMPTS`: runs of one request before it is given up; default 3. Lower it if a failing model holds others up.
   */
  readonly owner: OwnerSettings;
  /** `SLUICE_DRAIN_TIMEOUT_MS`: how long pools without successor may run dry after SIGTERM; default 20 s. The process ends at most 5 s later; keep that below the kill delay of whatever runs it. */
  readonly drainTimeoutMs: number;
  /** `SLUICE_STATUS_PORT`: port of `/healthz`, `/readyz` and `/metrics`; default 0, a free one. */
  readonly statusPort: number;
  /** `SLUICE_STATUS_HOST`: address they listen on; default `127.0.0.1`, so that nothing is open to others unless asked for. */
  readonly statusHost: string;
  /** `SLUICE_LOG_LEVEL`: default `info`. */
  readonly logLevel: LogLevel;
}

/** Time for handing over, releasing and closing, beside the drain itself, in milliseconds. */
export const closingMs = 5_000;

const schema = z.object({
  ...natsAccessSettings,
  SLUICE_DISPATCHER_ID: token().optional(),
  SLUICE_DEFAULT_TIMEOUT_MS: durationMs({ min: 1, max: 86_400_000 }).default(defaultTimeoutMs),
  SLUICE_MAX_QUEUE_REQUESTS: integer({ unit: "requests", min: 1, max: 10_000_000 }).default(20_000),
  SLUICE_MAX_QUEUE_BYTES: integer({ unit: "bytes", min: 1024 }).default(256 * 1024 * 1024),
  SLUICE_MAX_ATTEMPTS: integer({ unit: "attempts", min: 1, max: 100 }).default(maxAttempts),
  SLUICE_DRAIN_TIMEOUT_MS: durationMs({ min: 0, max: 3_600_000 }).default(20_000),
  SLUICE_STATUS_PORT: port().default(0),
  SLUICE_STATUS_HOST: setting("a host name or an address", (text) =>
    text === "" ? undefined : text,
  ).default("127.0.0.1"),
  SLUICE_LOG_LEVEL: logLevel().default("info"),
});

/**
 * Reads the configuration of a dispatcher.
 * @throws {ConfigError} listing every variable that is wrong.
 */
export function readConfig(environment: Environment): DispatcherConfig {
  const settings = readSettings(schema, environment);
  return Object.freeze({
    nats: natsAccess(settings),
    self: settings.SLUICE_DISPATCHER_ID ?? createId("dispatcher"),
    owner: Object.freeze({
      defaultTimeoutMs: settings.SLUICE_DEFAULT_TIMEOUT_MS,
      maxQueueRequests: settings.SLUICE_MAX_QUEUE_REQUESTS,
      maxQueueBytes: settings.SLUICE_MAX_QUEUE_BYTES,
      maxAttempts: settings.SLUICE_MAX_ATTEMPTS,
    }),
    drainTimeoutMs: settings.SLUICE_DRAIN_TIMEOUT_MS,
    statusPort: settings.SLUICE_STATUS_PORT,
    statusHost: settings.SLUICE_STATUS_HOST,
    logLevel: settings.SLUICE_LOG_LEVEL,
  });
}
