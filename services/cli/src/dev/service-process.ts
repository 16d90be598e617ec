import { spawn } from "node:child_process";
import { get } from "node:http";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { InferenceError } from "@sluice/protocol";
import type { Clock } from "@sluice/runtime";
import { exitCodes } from "../exit-code.ts";
import type { LogFile } from "./log-file.ts";
import { describeLogLine } from "./progress.ts";
import { describeExit, type RunningProcess } from "./running-process.ts";

/** How many lines of a log a failed start shows. */
const tailLines = 8;
/** How often a starting service is asked whether it is ready: seldom enough to cost nothing, often enough to be at once for people. */
const readyPollMs = 50;

export interface ServiceProcessOptions {
  readonly name: string;
  /** Path of the built main file. */
  readonly entry: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** `http://host:port` where the service tells its state. */
  readonly statusUrl: string;
  /** Takes the service's whole log. */
  readonly logFile: LogFile;
  readonly clock: Clock;
  onLogLine(line: string): void;
}

/**
 * Starts one service in a process group of its own, so that a Ctrl-C in the terminal reaches the supervisor only,
 * which then stops the services in their order.
 */
export function startServiceProcess(options: ServiceProcessOptions): RunningProcess {
  const { name, entry, env, logFile, clock } = options;
  const child = spawn(process.execPath, ["--enable-source-maps", entry], {
    env: { ...env },
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const tail: string[] = [];
  const lineRead = (line: string): void => {
    logFile.write(line);
    const words = describeLogLine(line);
    if (words !== "") tail.push(words);
    if (tail.length > tailLines) tail.shift();
    options.onLogLine(line);
  };
  followLines(child.stdout, lineRead);
  followLines(child.stderr, lineRead);

  const ended = new AbortController();
  const exited = new Promise<string>((resolve) => {
    const end = (reason: string, code: "unavailable" | "invalidArgument" = "unavailable"): void => {
      ended.abort(
        new InferenceError(code, `${name} ended before it was ready, with ${reason}\n${tail.join("\n")}`),
      );
      resolve(reason);
    };
    child.once("error", (error) => end(error.message));
    child.once("close", (exitCode, signal) =>
      end(describeExit(exitCode, signal), exitCode === exitCodes.usage ? "invalidArgument" : "unavailable"),
    );
  });
  const ready = pollUntilReady(`${options.statusUrl}/readyz`, { clock, signal: ended.signal });
  // Whoever keeps the process looks at `ready` once it was told of the start; until then a failure must not count as unhandled.
  ready.catch(() => {});
  return {
    pid: child.pid ?? 0,
    ready,
    exited,
    logTail: () => tail.join("\n"),
    stop: () => void child.kill("SIGTERM"),
    kill: () => void child.kill("SIGKILL"),
  };
}

function followLines(stream: Readable, onLine: (line: string) => void): void {
  createInterface({ input: stream, crlfDelay: Infinity }).on("line", onLine);
}

async function pollUntilReady(
  url: string,
  options: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<void> {
  while (!(await answersOk(url))) await options.clock.sleep(readyPollMs, options.signal);
}

/** Whether a GET of `url` is answered 200. Anything else, no connection included, is a no. */
async function answersOk(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    get(url, { agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    }).on("error", () => resolve(false));
  });
}
