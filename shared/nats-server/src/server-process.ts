import { spawn } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { InferenceError } from "@sluice/protocol";
import { type Clock, type Logger, systemClock } from "@sluice/runtime";
import { defaultMaxPayloadBytes, formatServerConfiguration } from "./server-configuration.ts";
import { followServerLog } from "./server-log.ts";

export interface ServerProcessOptions {
  /** Path of the nats-server binary. */
  readonly binary: string;
  /** Folder for the configuration file and what JetStream stores; created if needed. For one running server only. */
  readonly storeFolder: string;
  readonly log: Logger;
  /** Port to listen on. Default -1: a free one, so that two servers never meet. */
  readonly port?: number;
  /** Largest message, headers included. Default {@link defaultMaxPayloadBytes}. */
  readonly maxPayloadBytes?: number;
  /** Whether the server tells its counters over HTTP, on a free port. Default false. */
  readonly monitoring?: boolean;
  /** How long the server may take until it is ready. Default 15 s: it reads back its whole store first. */
  readonly startTimeoutMs?: number;
  /** How long SIGTERM may take before SIGKILL. Default 5 s; an idle server takes milliseconds. */
  readonly stopTimeoutMs?: number;
  readonly clock?: Clock;
}

/** How a server's process ended. */
export interface ServerExit {
  /** `null` if a signal ended it. */
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A running nats-server that belongs to this process. Disposal stops it. */
export interface ServerProcess extends AsyncDisposable {
  /** "nats://127.0.0.1:4222" */
  readonly url: string;
  /** "http://127.0.0.1:8222", where the server tells its counters; absent without monitoring. */
  readonly monitoringUrl?: string;
  readonly version: string;
  readonly processId: number;
  /** Resolves when the process is gone, for whatever reason. */
  readonly exited: Promise<ServerExit>;
  /** Ends it with SIGTERM, or with SIGKILL when that takes too long. Safe to call twice. */
  stop(): Promise<void>;
  /** Ends it with SIGKILL, as a crash would. Safe to call twice. */
  kill(): Promise<void>;
}

/** Nobody but this machine reaches it, since the server asks for no credentials. */
const loopback = "127.0.0.1";

/**
 * Starts a nats-server with JetStream and resolves when clients can connect.
 * It runs in a process group of its own, so that a terminal's Ctrl-C reaches its owner only, who drains first and then stops it.
 * @throws {InferenceError} `unavailable`, with the end of the server's log, when it does not become ready;
 * `invalidArgument` naming the store folder when it cannot be written.
 */
export async function startNatsServerProcess(options: ServerProcessOptions): Promise<ServerProcess> {
  const { binary, storeFolder, log } = options;
  const { port = -1, maxPayloadBytes = defaultMaxPayloadBytes } = options;
  const { monitoring = false, startTimeoutMs = 15_000, stopTimeoutMs = 5000, clock = systemClock } = options;

  const configuration = formatServerConfiguration({
    host: loopback,
    port,
    storeFolder,
    maxPayloadBytes,
    monitoring,
  });
  const configurationFile = await writeConfiguration(storeFolder, configuration);

  const child = spawn(binary, ["-c", configurationFile], {
    detached: true,
    windowsHide: true,
    stdio: ["ignore", "ignore", "pipe"],
  });
  const serverLog = followServerLog(child.stderr, log);
  let spawnError: Error | undefined;
  child.once("error", (error) => {
    spawnError = error;
  });
  // "close" comes after the last line of the log, and also when the binary could not be run at all.
  const exited = new Promise<ServerExit>((resolve) => {
    child.once("close", (exitCode, signal) => resolve({ exitCode, signal }));
  });

  async function kill(): Promise<void> {
    child.kill("SIGKILL");
    await exited;
  }

  async function stop(): Promise<void> {
    child.kill("SIGTERM");
    if ((await outcomeWithin(exited, { timeoutMs: stopTimeoutMs, clock })) !== undefined) return;
    log.warn("nats-server did not stop in time and was killed", { stopTimeoutMs });
    await kill();
  }

  const listening = await outcomeWithin(Promise.race([serverLog.listening, exited.then(() => "")]), {
    timeoutMs: startTimeoutMs,
    clock,
  });
  if (listening === undefined) await kill();
  if (child.pid === undefined || !listening) {
    const reason =
      listening === undefined ? `was not ready after ${startTimeoutMs} ms` : "ended before it was ready";
    throw new InferenceError(
      "unavailable",
      `nats-server ${reason} (${binary}): ${spawnError?.message ?? `\n${serverLog.lastWords()}`}`,
      { cause: spawnError },
    );
  }
  return {
    url: `nats://${listening}`,
    ...(monitoring && {
      monitoringUrl: `http://${serverLog.monitoring()}`,
    }),
    version: serverLog.version(),
    processId: child.pid,
    exited,
    stop,
    kill,
    [Symbol.asyncDispose]: stop,
  };
}

/** What the promise resolved with, or `undefined` if that took longer than `timeoutMs`. Leaves no timer behind. */
async function outcomeWithin<T>(
  promise: Promise<T>,
  options: { readonly timeoutMs: number; readonly clock: Clock },
): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const timer = options.clock.schedule(options.timeoutMs, () => resolve(undefined));
    promise.then(resolve, reject).finally(() => timer[Symbol.dispose]());
  });
}

async function writeConfiguration(storeFolder: string, configuration: string): Promise<string> {
  const path = join(storeFolder, "nats-server.conf");
  try {
    await mkdir(storeFolder, { recursive: true });
    await writeFile(path, configuration);
  } catch (cause) {
    throw new InferenceError("invalidArgument", `the store folder ${storeFolder} cannot be used`, { cause });
  }
  return path;
}
