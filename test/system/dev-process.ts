import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { allGone, processTree, stillRunning } from "./process-tree.ts";

/** The workspace. */
export const root = fileURLToPath(new URL("../..", import.meta.url));
/** The launcher of the `sluice` command. */
export const sluice = join(root, "services", "cli", "bin", "sluice.js");

/** A `sluice dev` that serves, as a process group of its own, as a terminal would start it. */
export interface DevProcess extends AsyncDisposable {
  readonly pid: number;
  readonly url: string;
  readonly dataFolder: string;
  /** Everything it started, itself included, at this moment. */
  tree(): readonly number[];
  output(): string;
  /** Resolves with the exit code. */
  readonly exited: Promise<number | null>;
  /** Resolves with the first line, past or coming, that contains `text`. */
  printed(text: string): Promise<string>;
  /** Resolves when the dispatcher counts this many batches with workers. */
  batchesInFlight(count: number): Promise<void>;
  signal(signal: NodeJS.Signals): void;
  /** As a terminal's Ctrl-C: to the whole process group. */
  signalGroup(signal: NodeJS.Signals): void;
}

export interface DevOptions {
  /** The command and its arguments; default: the launcher's `dev`. */
  readonly command?: readonly [string, ...string[]];
  readonly env?: Readonly<Record<string, string>>;
  /** Stays when the process is gone; default: one of its own, which does not. */
  readonly dataFolder?: string;
}

/** How long a start may take, a build that has nothing to do included. */
const startTimeoutMs = 90_000;

/** Starts `sluice dev` and waits until it serves. Disposal leaves no process. */
export async function startDev(options: DevOptions = {}): Promise<DevProcess> {
  const dataFolder = options.dataFolder ?? (await mkdtemp(join(tmpdir(), "sluice-dev-")));
  const [command, ...commandArguments] = options.command ?? [process.execPath, sluice, "dev"];
  const { NATS_URL: _, ...environment } = process.env;
  const child = spawn(command, commandArguments, {
    cwd: root,
    env: { ...environment, ...options.env, SLUICE_DATA_FOLDER: dataFolder },
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const dev = watchDev(child, dataFolder, options.dataFolder === undefined);
  try {
    await dev.printed("Ctrl-C");
    return dev;
  } catch (error) {
    await dev[Symbol.asyncDispose]();
    throw error;
  }
}

function watchDev(child: ChildProcess, dataFolder: string, isOwnFolder: boolean): DevProcess {
  const { pid = 0, stdout, stderr } = child;
  const lines: string[] = [];
  const waiting = new Map<string, (line: string) => void>();
  for (const stream of [stdout, stderr]) {
    if (stream === null) continue;
    createInterface({ input: stream }).on("line", (line) => {
      lines.push(line);
      for (const [text, resolve] of waiting) if (line.includes(text)) resolve(line);
    });
  }
  const output = (): string => lines.join("\n");
  const exited = once(child, "exit").then(() => child.exitCode);

  async function printed(text: string): Promise<string> {
    const past = lines.find((line) => line.includes(text));
    if (past !== undefined) return past;
    let timer: NodeJS.Timeout | undefined;
    const coming = new Promise<string>((resolve, reject) => {
      waiting.set(text, resolve);
      timer = setTimeout(() => reject(new Error(`"${text}" was not printed:\n${output()}`)), startTimeoutMs);
      void exited.then(() => reject(new Error(`ended before "${text}" was printed:\n${output()}`)));
    });
    return coming.finally(() => {
      clearTimeout(timer);
      waiting.delete(text);
    });
  }

  async function batchesInFlight(count: number): Promise<void> {
    const { statusUrls } = JSON.parse(readFileSync(join(dataFolder, "dev.json"), "utf8"));
    const wanted = new RegExp(`^sluice_dispatcher_batches_in_flight\\{.*\\} ${count}$`, "m");
    for (const startedMs = performance.now(); ;) {
      const metrics = await (await fetch(`${statusUrls.dispatcher}/metrics`)).text();
      if (wanted.test(metrics)) return;
      if (performance.now() - startedMs > 10_000)
        throw new Error(`never ${count} batches in flight:\n${metrics}`);
    }
  }

  return {
    pid,
    dataFolder,
    batchesInFlight,
    get url() {
      return /NATS at (\S+?),/.exec(output())?.[1] ?? "";
    },
    tree: () => processTree(pid),
    output,
    exited,
    printed,
    signal: (signal) => void child.kill(signal),
    signalGroup: (signal) => void process.kill(-pid, signal),
    async [Symbol.asyncDispose]() {
      const pids = processTree(pid);
      if (stillRunning([pid]).length > 0) child.kill("SIGTERM");
      try {
        await allGone(pids, 30_000);
      } finally {
        for (const left of stillRunning(pids)) process.kill(left, "SIGKILL");
        if (isOwnFolder) await rm(dataFolder, { recursive: true, force: true });
      }
    },
  };
}
