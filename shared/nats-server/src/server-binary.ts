import { InferenceError } from "@sluice/protocol";
import type { RunCommand } from "./run-command.ts";
import {
  formatServerVersion,
  isSupportedVersion,
  oldestSupportedVersion,
  parseServerVersion,
} from "./server-version.ts";

/** A nats-server binary that runs on this machine and is new enough. */
export interface ServerBinary {
  /** Its path, or a bare name to be looked up on PATH. */
  readonly path: string;
  /** "2.15.1" */
  readonly version: string;
}

/** A binary that only prints its version needs milliseconds, a second from a cold disk. */
const versionTimeoutMs = 10_000;

/**
 * Runs `--version` to learn what a binary is.
 * @throws {InferenceError} `unavailable` when it does not run here, is no nats-server, or is too old.
 */
export async function checkServerBinary(path: string, run: RunCommand): Promise<ServerBinary> {
  const output = await run([path, "--version"], { timeoutMs: versionTimeoutMs });
  const version = parseServerVersion(output);
  if (version === undefined) {
    const firstLine = output.split("\n", 1)[0] ?? "";
    throw new InferenceError("unavailable", `${path} is no nats-server: its --version is "${firstLine}"`);
  }
  if (!isSupportedVersion(version)) {
    throw new InferenceError(
      "unavailable",
      `${path} is ${formatServerVersion(version)}; the oldest supported is ${formatServerVersion(oldestSupportedVersion)}`,
    );
  }
  return { path, version: formatServerVersion(version) };
}
