import { natsAccess, natsAccessSettings, type NatsAccess } from "@sluice/messaging";
import {
  createId,
  durationMs,
  logLevel,
  port,
  readSettings,
  setting,
  token,
  type Environment,
  type LogLevel,
} from "@sluice/runtime";
import { z } from "zod";

/** Everything the results service is told from outside. */
export interface ResultsConfig {
  /**
   * - `SLUICE_NATS_URL`: servers, separated by commas; default `nats://127.0.0.1:4222`.
   * - `SLUICE_NATS_USER` and `SLUICE_NATS_PASSWORD`, or another login of docs/operations.md; default none.
   */
  readonly nats: NatsAccess;
  /** `SLUICE_RESULTS_ID`: token of this replica, unique among them; default a random one, so that replicas need no setting. */
  readonly instance: string;
  /** `SLUICE_DRAIN_TIMEOUT_MS`: time from SIGTERM to exit; default 30 s, the kill delay of Kubernetes. Keep it below yours. */
  readonly drainTimeoutMs: number;
  /** Longest wait for open streams: half of the drain, the rest is for passing on and closing. */
  readonly graceMs: number;
  /** `SLUICE_STATUS_PORT`: port of `/healthz`, `/readyz` and `/metrics`; default 0, a free one. */
  readonly statusPort: number;
  /** `SLUICE_STATUS_HOST`: address they listen on; default `127.0.0.1`, so that nothing is open to others unless asked for. */
  readonly statusHost: string;
  /** `SLUICE_LOG_LEVEL`: default `info`. */
  readonly logLevel: LogLevel;
}

const schema = z.object({
  ...natsAccessSettings,
  SLUICE_RESULTS_ID: token().optional(),
  SLUICE_DRAIN_TIMEOUT_MS: durationMs({ min: 100, max: 3_600_000 }).default(30_000),
  SLUICE_STATUS_PORT: port().default(0),
  SLUICE_STATUS_HOST: setting("a host name or an address", (text) =>
    text === "" ? undefined : text,
  ).default("127.0.0.1"),
  SLUICE_LOG_LEVEL: logLevel().default("info"),
});

/**
 * Reads the configuration of the results service.
 * @throws {ConfigError} listing every variable that is wrong.
 */
export function readConfig(environment: Environment): ResultsConfig {
  const settings = readSettings(schema, environment);
  return Object.freeze({
    nats: natsAccess(settings),
    instance: settings.SLUICE_RESULTS_ID ?? createId("results"),
    drainTimeoutMs: settings.SLUICE_DRAIN_TIMEOUT_MS,
    graceMs: settings.SLUICE_DRAIN_TIMEOUT_MS / 2,
    statusPort: settings.SLUICE_STATUS_PORT,
    statusHost: settings.SLUICE_STATUS_HOST,
    logLevel: settings.SLUICE_LOG_LEVEL,
  });
}
