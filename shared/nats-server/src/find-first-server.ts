import { InferenceError } from "@sluice/protocol";
import type { Logger } from "@sluice/runtime";
import type { ServerBinary } from "./server-binary.ts";
import { formatServerVersion, oldestSupportedVersion } from "./server-version.ts";

/** One place where a server may be. */
export interface ServerSource {
  readonly name: string;
  /** Rejects, saying why, when there is none. */
  find(): Promise<ServerBinary>;
}

export interface FindOptions {
  readonly log: Logger;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Asks one source after the other until one has a server. Whatever a source fails with, a full disk included, the next one is asked.
 * @throws {InferenceError} `unavailable` listing what was tried, why it failed and what to do.
 * The signal's reason when it aborts.
 */
export async function findFirstServer(
  sources: readonly ServerSource[],
  { log, signal }: FindOptions,
): Promise<ServerBinary> {
  const failures: string[] = [];
  for (const source of sources) {
    try {
      const binary = await source.find();
      log.info("nats-server was found", { source: source.name, ...binary });
      return binary;
    } catch (error) {
      signal?.throwIfAborted();
      const reason = error instanceof Error ? error.message : String(error);
      log.debug("nats-server was not found", { source: source.name, err: error });
      failures.push(`  - ${source.name}: ${reason}`);
    }
  }
  throw new InferenceError(
    "unavailable",
    [
      "no nats-server was found. Tried:",
      ...failures,
      "Do one of these:",
      "  - set NATS_URL to the address of a running server",
      `  - install nats-server ${formatServerVersion(oldestSupportedVersion)} or newer, so that it is on PATH`,
      "  - set SLUICE_NATS_SERVER to the path of a nats-server binary",
    ].join("\n"),
  );
}
