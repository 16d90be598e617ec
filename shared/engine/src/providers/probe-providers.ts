import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { InferenceError } from "@sluice/protocol";
import { builtFile } from "../built-file.ts";
import { isProvider, type Provider } from "../onnxruntime/provider.ts";
import { type ProviderReason, toProviderReason } from "./provider-reason.ts";
import type { Backend, ProviderTry } from "./provider-try.ts";

/** What this machine can compute on. */
export interface ProviderReport {
  readonly name: Provider;
  /** Whether its libraries come with onnxruntime-node; those of `cuda` and `tensorrt` are installed by `installCuda`. */
  readonly isBundled: boolean;
  /** Whether a model ran on it. */
  readonly isAvailable: boolean;
  readonly reason: ProviderReason;
  /** What ONNX Runtime or the operating system said, for the operator; empty when available. Never sent to a peer. */
  readonly detail: string;
}

export interface ProbeOptions {
  /** Longest time for one provider, in milliseconds; default 30 s, for the first start of a GPU is slow. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

const defaultTimeoutMs = 30_000;
const runFile = promisify(execFile);

/**
 * Tries every provider that onnxruntime-node has on this platform, each in a process of its own, at the same time.
 * @throws {InferenceError} `internal` when onnxruntime-node itself does not load here; the signal's reason when aborted.
 */
export async function probeProviders(options: ProbeOptions = {}): Promise<ProviderReport[]> {
  const listed = await runChild([], options);
  if (listed.kind === "ended") {
    const cause = new Error(listed.detail);
    throw new InferenceError("internal", "onnxruntime-node does not load on this machine", { cause });
  }
  const backends: readonly Backend[] = JSON.parse(listed.output);
  return Promise.all(
    backends.flatMap(({ name, bundled }) =>
      isProvider(name) ? [probe({ name, isBundled: bundled }, options)] : [],
    ),
  );
}

type ListedProvider = Pick<ProviderReport, "name" | "isBundled">;

async function probe(listed: ListedProvider, options: ProbeOptions): Promise<ProviderReport> {
  const child = await runChild([listed.name], options);
  if (child.kind === "ended") {
    return { ...listed, isAvailable: false, reason: child.reason, detail: child.detail };
  }
  const tried: ProviderTry = JSON.parse(child.output);
  if (tried.kind === "ready") return { ...listed, isAvailable: true, reason: "available", detail: "" };
  const { message } = tried;
  return { ...listed, isAvailable: false, reason: toProviderReason(message), detail: message };
}

/** A child that wrote what it found. */
interface ChildOutput {
  readonly kind: "wrote";
  readonly output: string;
}

/** A child that ended before it could. */
interface ChildEnd {
  readonly kind: "ended";
  readonly reason: "timedOut" | "crashed";
  readonly detail: string;
}

async function runChild(
  childArguments: readonly string[],
  options: ProbeOptions,
): Promise<ChildOutput | ChildEnd> {
  const { timeoutMs = defaultTimeoutMs, signal } = options;
  const childFile = builtFile("./provider-child.js", import.meta.url);
  try {
    const { stdout } = await runFile(process.execPath, [childFile, ...childArguments], {
      timeout: timeoutMs,
      killSignal: "SIGKILL",
      ...(signal === undefined ? {} : { signal }),
    });
    return { kind: "wrote", output: stdout };
  } catch (error) {
    signal?.throwIfAborted();
    return toChildEnd(error, timeoutMs);
  }
}

function toChildEnd(error: unknown, timeoutMs: number): ChildEnd {
  const isKilled = error instanceof Error && "killed" in error && error.killed === true;
  if (isKilled) return { kind: "ended", reason: "timedOut", detail: `no answer in ${timeoutMs} ms` };
  return { kind: "ended", reason: "crashed", detail: error instanceof Error ? error.message : String(error) };
}
