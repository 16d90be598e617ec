import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { startNatsServer, startTcpProxy, type TcpProxy } from "@sluice/testing";
import { within } from "./within.ts";

export type ServiceName = "dispatcher" | "worker" | "results";

/** One service process, started from its built main. */
export interface ServiceProcess {
  readonly id: string;
  readonly pid: number;
  /** Log lines so far. */
  readonly log: readonly LogLine[];
  /** Resolves with the first log line, past or coming, that `isWanted` accepts. */
  logged(isWanted: (line: LogLine) => boolean): Promise<LogLine>;
  /** Sum of a counter's series that carry all the given labels, as its `/metrics` says now; 0 if there is none. */
  counter(name: string, labels?: Readonly<Record<string, string>>): Promise<number>;
  /** SIGKILL: no drain, no goodbye. */
  kill(): Promise<void>;
  /** SIGTERM; resolves with the exit code once it has drained. */
  terminate(): Promise<number | null>;
  /** Resolves when the process has ended, however that came. */
  readonly ended: Promise<void>;
}

/** A service that is started again whenever it ends, under the same id, as a supervisor does. */
export interface KeptService {
  /** How often it has ended. */
  readonly endCount: number;
}

/** A request whose first value is one of these does this to every run that it is in, or to the worker that runs it. */
export const faults = { fail: -1e9, crash: -2e9 };

export type LogLine = Readonly<Record<string, unknown>>;

/** Variables of a service beside those that every service of a cluster gets. */
export type Settings = Readonly<Record<string, string>>;

/** A real nats-server and real service processes on this machine. */
export interface Cluster extends AsyncDisposable {
  readonly server: string;
  /** Starts a proxy before the server, which ends with the cluster; `SLUICE_NATS_URL` leads a service through it. */
  startProxy(): Promise<TcpProxy>;
  /** Starts a service from built code; resolves once it runs. A worker's pool is `system` unless the settings say another. */
  start(service: ServiceName, id: string, settings?: Settings): Promise<ServiceProcess>;
  /** Starts a service and keeps it running until the cluster is disposed of. */
  keep(service: ServiceName, id: string): Promise<KeptService>;
}

/** The model that a cluster of a test serves unless it is given a repository. */
export interface EchoModel {
  readonly alphaMs: number;
  readonly betaMs: number;
  readonly maxBatchSize: number;
  /** Engines of each worker, so batches that it runs at a time; default 1. */
  readonly instances?: number;
}

/** `model.yaml` texts by the name of the model. */
export type Repository = Readonly<Record<string, string>>;

/** More than every service gives itself to drain. */
const endTimeoutMs = 40_000;

const require = createRequire(import.meta.url);

/** A service's built main; its package may resolve to source, beside which it lies. */
function builtMain(service: ServiceName): string {
  return join(dirname(require.resolve(`@sluice/${service}/main`)), "../dist/main.js");
}

/** Starts a nats-server and writes a repository with one synthetic model, `echo`; services are started by the test. */
export function startCluster(model: EchoModel): Promise<Cluster> {
  const { alphaMs, betaMs, maxBatchSize, instances = 1 } = model;
  const echo = `name: echo
pool: system
engine: synthetic
instances: ${instances}
limits: { maxBatchSize: ${maxBatchSize} }
synthetic: { alphaMs: ${alphaMs}, betaMs: ${betaMs}, faults: { fail: ${faults.fail}, crash: ${faults.crash} } }
`;
  return startClusterOf({ echo });
}

/** What a cluster needs of its nats-server, which ends with it. */
export interface ClusterServer extends AsyncDisposable {
  readonly url: string;
}

export interface ClusterOptions {
  /** Default: one that is started for this cluster. */
  readonly server?: ClusterServer;
  /** Most that a service may take until it runs; default 30,000, for a machine that does other things, too. */
  readonly startTimeoutMs?: number;
}

/** Writes a repository of the given models beside a nats-server; services are started by the caller. */
export async function startClusterOf(models: Repository, options: ClusterOptions = {}): Promise<Cluster> {
  const { startTimeoutMs = 30_000 } = options;
  const nats = options.server ?? (await startNatsServer());
  const repository = await mkdtemp(join(tmpdir(), "sluice-system-"));
  for (const [name, yaml] of Object.entries(models)) {
    await mkdir(join(repository, name));
    await writeFile(join(repository, name, "model.yaml"), yaml);
  }
  const started: ChildProcess[] = [];
  const proxies: TcpProxy[] = [];
  const restarts: Promise<void>[] = [];
  let isDisposed = false;

  const start = async (
    service: ServiceName,
    id: string,
    settings: Settings = {},
  ): Promise<ServiceProcess> => {
    const child = spawn(process.execPath, [builtMain(service)], {
      env: {
        ...process.env,
        SLUICE_NATS_URL: nats.url,
        [`SLUICE_${service.toUpperCase()}_ID`]: id,
        SLUICE_MODEL_REPOSITORY: repository,
        SLUICE_POOL: "system",
        SLUICE_STATUS_PORT: "0",
        SLUICE_LOG_LEVEL: "info",
        ...settings,
      },
      stdio: ["ignore", "pipe", "inherit"],
    });
    started.push(child);
    const running = watchProcess(child, id);
    const runs = running.logged(
      (line) => line["msg"] === "service state changed" && line["to"] === "running",
    );
    await within(startTimeoutMs, `the start of ${id}`, runs);
    return running;
  };

  /** Starts `running` again whenever it ends, until the cluster is disposed of; a restart that fails fails the test. */
  const keepRunning = async (
    running: ServiceProcess,
    onEnd: () => Promise<ServiceProcess>,
  ): Promise<void> => {
    await running.ended;
    if (isDisposed) return;
    try {
      restarts.push(keepRunning(await onEnd(), onEnd));
    } catch (error) {
      if (!isDisposed) throw error;
    }
  };

  return {
    server: nats.url,
    start,
    async startProxy() {
      const proxy = await startTcpProxy(nats.url);
      proxies.push(proxy);
      return proxy;
    },
    async keep(service, id) {
      let endCount = 0;
      const startAgain = (): Promise<ServiceProcess> => {
        endCount += 1;
        return start(service, id);
      };
      restarts.push(keepRunning(await start(service, id), startAgain));
      return {
        get endCount() {
          return endCount;
        },
      };
    },
    async [Symbol.asyncDispose]() {
      isDisposed = true;
      await Promise.all(started.map((child) => endProcess(child, "SIGKILL")));
      await Promise.all(restarts);
      await Promise.all(proxies.map(async (proxy) => proxy[Symbol.asyncDispose]()));
      await nats[Symbol.asyncDispose]();
      await rm(repository, { recursive: true, force: true });
    },
  };
}

/** Follows a service's process by the lines of its log, which it writes to its standard output. */
export function watchProcess(child: ChildProcess, id: string): ServiceProcess {
  const log: LogLine[] = [];
  const watchers = new Set<(line: LogLine) => void>();
  const ended = once(child, "exit").then(() => undefined);
  const endedEarly = ended.then(() => {
    throw new Error(
      `${id} ended; its last lines: ${log
        .slice(-5)
        .map((line) => JSON.stringify(line))
        .join("\n")}`,
    );
  });
  endedEarly.catch(() => undefined);
  if (child.stdout !== null) {
    createInterface(child.stdout).on("line", (text) => {
      const line: LogLine = JSON.parse(text);
      log.push(line);
      for (const watcher of watchers) watcher(line);
    });
  }
  return {
    id,
    pid: child.pid ?? 0,
    log,
    logged(isWanted) {
      const seen = log.find(isWanted);
      if (seen !== undefined) return Promise.resolve(seen);
      const coming = new Promise<LogLine>((resolve) => {
        const watcher = (line: LogLine): void => {
          if (!isWanted(line)) return;
          watchers.delete(watcher);
          resolve(line);
        };
        watchers.add(watcher);
      });
      return Promise.race([coming, endedEarly]);
    },
    async counter(name, labels = {}) {
      const status = await this.logged((line) => line["msg"] === "status served");
      const response = await fetch(`http://127.0.0.1:${Number(status["port"])}/metrics`);
      return sumCounter(await response.text(), { name, labels });
    },
    kill: async () => void (await endProcess(child, "SIGKILL")),
    terminate: () => within(endTimeoutMs, `the end of ${id}`, endProcess(child, "SIGTERM")),
    ended,
  };
}

async function endProcess(child: ChildProcess, signal: "SIGKILL" | "SIGTERM"): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) {
    const ended = once(child, "exit");
    child.kill(signal);
    await ended;
  }
  return child.exitCode;
}

function sumCounter(
  text: string,
  counter: { name: string; labels: Readonly<Record<string, string>> },
): number {
  const wanted = Object.entries(counter.labels).map(([label, value]) => `${label}="${value}"`);
  return text
    .split("\n")
    .filter((line) => line.startsWith(`${counter.name}{`) && wanted.every((label) => line.includes(label)))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" ") + 1)), 0);
}
