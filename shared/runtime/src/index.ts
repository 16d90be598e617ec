export { backoffMs, type BackoffOptions } from "./backoff.ts";
export type { Clock } from "./clock.ts";
export { ConfigError, type ConfigProblem } from "./config-error.ts";
export {
  createLifecycle,
  type Lifecycle,
  type LifecycleOptions,
  type ServiceState,
  type StateChanged,
} from "./lifecycle.ts";
export {
  createLogger,
  silentLogger,
  type LogFields,
  type Logger,
  type LoggerOptions,
  type LogLevel,
} from "./logger.ts";
export type { HistogramOptions, MetricOptions } from "./metric-options.ts";
export { createMetrics, type Metrics } from "./metrics.ts";
export { crashProcess } from "./crash-process.ts";
export { createId, systemRandom, type Random } from "./random.ts";
export { readOrExit } from "./read-or-exit.ts";
export { runService, type RunServiceOptions } from "./run-service.ts";
export { Secret } from "./secret.ts";
export {
  durationMs,
  integer,
  list,
  logLevel,
  port,
  readableFile,
  secret,
  secretFile,
  setting,
  token,
  type Setting,
} from "./setting-pieces.ts";
export { readSettings, type Environment } from "./settings.ts";
export { linkSignals, type LinkedSignal } from "./signals.ts";
export { serveStatus, type StatusServer, type StatusServerOptions } from "./status-server.ts";
export { systemClock } from "./system-clock.ts";
export { FleetingMap } from "./fleeting-map.ts";
