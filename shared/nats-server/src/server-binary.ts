import {
  formatServerVersion,
  isSupportedVersion,
  oldestSupportedVersion,
  parseServerVersion,
} from "./server-version.ts";
import type { RunCommand } from "./run-command.ts";

/** A nats-server binary that runs on this machine and is new enough. */
export interface ServerBinary {
  /** Its path, or a bare name to be looked up on PATH. */
  readonly path: string;
  /** "2.15.1" */
  readonly version: string;
}

/** What looking for a server in one place came to. */
export type Attempt =
  | { readonly kind: "found"; readonly binary: ServerBinary }
  | { readonly kind: "failed"; readonly reason: string };

/** A binary that does nothing but print its version answers in milliseconds, from a cold disk in a second. */
const versionTimeoutMs = 10_000;

/** Runs `--version` and refuses what does not run here or is too old. */
export async function checkServerBinary(path: string, run: RunCommand): Promise<Attempt> {
  const result = await run([path, "--version"], { timeoutMs: versionTimeoutMs });
  if (!result.succeeded) return { kind: "failed", reason: result.reason };
  const version = parseServerVersion(result.output);
  if (version === undefined) {
    const firstLine = result.output.split("\n")[0] ?? "";
    return { kind: "failed", reason: `${path} --version printed "${firstLine}" and no version` };
  }
  if (!isSupportedVersion(version)) {
    return {
      kind: "failed",
      reason: `${path} is ${formatServerVersion(version)}; ${formatServerVersion(oldestSupportedVersion)} is the oldest supported`,
    };
  }
  return { kind: "found", binary: { path, version: formatServerVersion(version) } };
}
