import { InferenceError } from "@sluice/protocol";
import { type Clock, type Environment, type Logger, systemClock } from "@sluice/runtime";
import { createBinaryCache } from "./binary-cache.ts";
import { userCacheFolder } from "./cache-folder.ts";
import { unpackDebianServer } from "./debian-source.ts";
import type { DownloadProgress } from "./download.ts";
import { downloadServer } from "./download-source.ts";
import { findFirstServer, type ServerSource } from "./find-first-server.ts";
import { pinnedVersion, releaseArchiveFor } from "./release.ts";
import { createRunCommand, type RunCommand } from "./run-command.ts";
import { checkServerBinary, type ServerBinary } from "./server-binary.ts";

export interface ResolveOptions {
  readonly env: Environment;
  readonly log: Logger;
  /** Where a fetched binary is kept, in a folder of its own. Default: the user's cache folder. */
  readonly cacheFolder?: string | undefined;
  /** Called while the release is downloaded. */
  readonly onProgress?: ((progress: DownloadProgress) => void) | undefined;
  readonly clock?: Clock;
  /** Ends the search; the call rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Finds a nats-server binary, fetching one if there is none. `docs/nats-server.md` has the order.
 * @throws {InferenceError} `unavailable` listing what was tried, why it failed and what to do;
 * `invalidArgument` when `SLUICE_NATS_SERVER` names no usable binary: what was asked for is never replaced.
 */
export async function resolveNatsServer(options: ResolveOptions): Promise<ServerBinary> {
  const { env, log, signal } = options;
  const run = createRunCommand({ env, signal });
  const chosenPath = env["SLUICE_NATS_SERVER"];
  if (chosenPath) return checkChosenServer(chosenPath, run);
  return findFirstServer(createSources(options, run), { log, signal });
}

async function checkChosenServer(path: string, run: RunCommand): Promise<ServerBinary> {
  try {
    return await checkServerBinary(path, run);
  } catch (error) {
    if (!(error instanceof InferenceError)) throw error;
    throw new InferenceError(
      "invalidArgument",
      `SLUICE_NATS_SERVER must name a nats-server: ${error.message}`,
      {
        cause: error,
      },
    );
  }
}

/** All places, the cheapest first; those that need the network come last. */
function createSources(options: ResolveOptions, run: RunCommand): readonly ServerSource[] {
  const { env, onProgress, signal, clock = systemClock, cacheFolder = userCacheFolder(env) } = options;
  const cache = createBinaryCache({ cacheFolder, run });
  const archive = releaseArchiveFor(process.platform, process.arch);
  const isRoot = process.getuid?.() === 0;
  return [
    { name: "nats-server on PATH", find: async () => checkServerBinary("nats-server", run) },
    { name: "cache", find: async () => cache.find() },
    {
      name: `official release ${pinnedVersion}`,
      find: async () => downloadServer({ archive, cache, run, clock, signal, onProgress }),
    },
    { name: "Debian's package", find: async () => unpackDebianServer({ cache, run, isRoot }) },
  ];
}
