import { pino, stdSerializers, stdTimeFunctions } from "pino";

/** From most to least; `silent` writes nothing. */
export const logLevels = ["debug", "info", "warn", "error", "silent"] as const;

export type LogLevel = (typeof logLevels)[number];

/** Values of a log line, named as in the glossary, with units. An error goes under `err`. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Takes log lines. Messages are constants in the past tense; whatever varies is a field. */
export interface Logger {
  /** Per request or finer. */
  debug(message: string, fields?: LogFields): void;
  /** The life of the process and its peers. */
  info(message: string, fields?: LogFields): void;
  /** An operator should watch it. */
  warn(message: string, fields?: LogFields): void;
  /** An operator must act. */
  error(message: string, fields?: LogFields): void;
  /** A logger that adds `fields` to every line. */
  child(fields: LogFields): Logger;
}

export interface LoggerOptions {
  /** Name of the service, on every line. */
  readonly service: string;
  readonly level: LogLevel;
  /** Where lines go, newline included; default stdout. */
  readonly write?: (line: string) => void;
}

/** Creates a logger that writes one JSON object a line. Lines are written at once, so that none is lost at exit. */
export function createLogger({ service, level, write }: LoggerOptions): Logger {
  const options = {
    level,
    base: { service },
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: stdSerializers.err },
  };
  return toLogger(write === undefined ? pino(options) : pino(options, { write }));
}

/** Drops everything. */
export const silentLogger: Logger = {
  debug: drop,
  info: drop,
  warn: drop,
  error: drop,
  child: () => silentLogger,
};

type PinoLogger = Pick<ReturnType<typeof pino>, "debug" | "info" | "warn" | "error" | "child">;

function toLogger(target: PinoLogger): Logger {
  return {
    debug: (message, fields) => target.debug(fields ?? {}, message),
    info: (message, fields) => target.info(fields ?? {}, message),
    warn: (message, fields) => target.warn(fields ?? {}, message),
    error: (message, fields) => target.error(fields ?? {}, message),
    child: (fields) => toLogger(target.child(fields)),
  };
}

function drop(): void {
  // A silent logger has nothing to do.
}
