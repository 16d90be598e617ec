import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { InferenceError } from "@sluice/protocol";
import { builtFile } from "../built-file.ts";
import { isProvider, type Provider } from "../onnxruntime/provider.ts";
import { parseProviderChildReply, type ProviderChildReply } from "./provider-child-reply.ts";
import { type ProviderReason, toProviderReason } from "./provider-reason.ts";

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
  const listed = await runChild("list", options);
  if (listed.kind !== "list") {
    const cause = new Error(JSON.stringify(listed));
    throw new InferenceError("internal", "onnxruntime-node does not load on this machine", { cause });
  }
  return Promise.all(
    listed.backends.flatMap(({ name, bundled }) =>
      isProvider(name) ? [probe({ name, isBundled: bundled }, options)] : [],
    ),
  );
}

type ListedProvider = Pick<ProviderReport, "name" | "isBundled">;

async function probe(provider: ListedProvider, options: ProbeOptions): Promise<ProviderReport> {
  const reply = await runChild(provider.name, options);
  switch (reply.kind) {
    case "ready":
    case "list":
      return { ...provider, isAvailable: true, reason: "available", detail: "" };
    case "failed":
      return {
        ...provider,
        isAvailable: false,
        reason: toProviderReason(reply.message),
        detail: reply.message,
      };
    case "ended":
      return { ...provider, isAvailable: false, reason: reply.reason, detail: reply.detail };
  }
}

/** A child that ended without a reply. */
interface ChildEnd {
  readonly kind: "ended";
  readonly reason: "timedOut" | "crashed";
  readonly detail: string;
}

async function runChild(task: string, options: ProbeOptions): Promise<ProviderChildReply | ChildEnd> {
  const { timeoutMs = defaultTimeoutMs, signal } = options;
  try {
    const { stdout } = await runFile(
      process.execPath,
      [builtFile("./provider-child.js", import.meta.url), task],
      { timeout: timeoutMs, killSignal: "SIGKILL", ...(signal === undefined ? {} : { signal }) },
    );
    return parseProviderChildReply(stdout);
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
