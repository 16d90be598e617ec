import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { InferenceError } from "@sluice/protocol";
import { missingLibraries } from "./needed-libraries.ts";

/** The libraries of the CUDA and TensorRT providers, which are too large for the package. */
const libraryNames = [
  "libonnxruntime_providers_shared.so",
  "libonnxruntime_providers_cuda.so",
  "libonnxruntime_providers_tensorrt.so",
];

/** Some hundreds of megabytes on a slow line. */
const defaultTimeoutMs = 30 * 60_000;

/** Lines of the script's output that are kept to explain a failure. */
const keptLineCount = 20;

export interface InstallCudaOptions {
  /** Environment of the install script, for its proxy settings; usually that of this process. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Told of each line that the script writes to standard output. */
  readonly onProgress?: (line: string) => void;
  /** Longest time, in milliseconds; default 30 min. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /** Folder of the onnxruntime-node package; default: the one that the engine loads. */
  readonly packageFolder?: string;
}

export interface InstalledCuda {
  /** Where the libraries of the provider lie. */
  readonly folder: string;
  /** Libraries of CUDA and cuDNN that the CUDA provider needs and the machine lacks: the operator must install them. */
  readonly missingLibraries: readonly string[];
}

/**
 * Downloads the CUDA and TensorRT providers with the install script of onnxruntime-node, which puts them beside its binding.
 * @throws {InferenceError} `unimplemented` on anything but Linux x64; `unavailable` when the download failed;
 * `deadlineExceeded` when it took longer than `timeoutMs`; `canceled` when aborted; `internal` when the script left
 * a library out.
 */
export async function installCuda(options: InstallCudaOptions): Promise<InstalledCuda> {
  const platform = `${process.platform}-${process.arch}`;
  if (platform !== "linux-x64") {
    throw new InferenceError(
      "unimplemented",
      `the CUDA provider exists for linux-x64 only, this is ${platform}`,
    );
  }
  const packageFolder = options.packageFolder ?? onnxruntimeFolder();
  await runInstallScript(join(packageFolder, "script", "install.js"), options);

  const folder = join(packageFolder, "bin", "napi-v6", "linux", "x64");
  const absent = libraryNames.filter((name) => !existsSync(join(folder, name)));
  if (absent.length > 0) {
    throw new InferenceError("internal", `the install script left out ${absent.join(", ")}`);
  }
  return {
    folder,
    missingLibraries: await missingLibraries(join(folder, "libonnxruntime_providers_cuda.so")),
  };
}

function onnxruntimeFolder(): string {
  return dirname(createRequire(import.meta.url).resolve("onnxruntime-node/package.json"));
}

async function runInstallScript(scriptPath: string, options: InstallCudaOptions): Promise<void> {
  const { environment, onProgress = () => {}, timeoutMs = defaultTimeoutMs, signal } = options;
  const child = spawn(process.execPath, [scriptPath], {
    // "true" installs whatever the platform has. A name such as "cuda12" is not used: the script of 1.30.0 loses it, and
    // does nothing below an `npm run`. Set here, it also beats `onnxruntime-node-install=skip` in an .npmrc.
    env: { ...environment, ONNXRUNTIME_NODE_INSTALL: "true" },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: timeoutMs,
    killSignal: "SIGKILL",
    ...(signal === undefined ? {} : { signal }),
  });
  const ended = new Promise<ScriptEnd>((resolve) => {
    child.once("error", (error) => resolve({ exitCode: null, error }));
    child.once("close", (exitCode) => resolve({ exitCode }));
  });
  const lastLines: string[] = [];
  const keep = (line: string): void => {
    lastLines.push(line);
    if (lastLines.length > keptLineCount) lastLines.shift();
  };
  const show = (line: string): void => {
    onProgress(line);
    keep(line);
  };
  await Promise.all([readLines(child.stdout, show), readLines(child.stderr, keep)]);
  const { exitCode, error } = await ended;
  if (exitCode === 0) return;
  throw toInstallError({ isAborted: signal?.aborted === true, isKilled: child.killed, lastLines, error });
}

interface ScriptEnd {
  readonly exitCode: number | null;
  readonly error?: Error;
}

async function readLines(stream: Readable, onLine: (line: string) => void): Promise<void> {
  for await (const line of createInterface({ input: stream })) onLine(line);
}

interface FailedInstall {
  readonly isAborted: boolean;
  readonly isKilled: boolean;
  readonly lastLines: readonly string[];
  readonly error: Error | undefined;
}

function toInstallError({ isAborted, isKilled, lastLines, error }: FailedInstall): InferenceError {
  const cause = error ?? new Error(reasonIn(lastLines));
  if (isAborted) return new InferenceError("canceled", "the installation was cancelled", { cause });
  if (isKilled) {
    return new InferenceError("deadlineExceeded", "the installation took longer than allowed", { cause });
  }
  return new InferenceError("unavailable", "the CUDA provider could not be downloaded or unpacked", {
    cause,
  });
}

/** What an uncaught error of the script says, without its stack; all that is known where there is none. */
function reasonIn(lines: readonly string[]): string {
  return lines.findLast((line) => /^\w*Error: /u.test(line)) ?? lines.join("\n");
}
