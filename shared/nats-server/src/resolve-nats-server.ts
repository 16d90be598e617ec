import { InferenceError } from "@sluice/protocol";
import { type Clock, type Logger, systemClock } from "@sluice/runtime";
import { createBinaryCache } from "./binary-cache.ts";
import { userCacheFolder } from "./cache-folder.ts";
import { unpackDebianServer } from "./debian-source.ts";
import type { DownloadProgress } from "./download.ts";
import { downloadServer } from "./download-source.ts";
import { pinnedVersion, releaseArchiveFor } from "./release.ts";
import { createRunCommand, type RunCommand } from "./run-command.ts";
import { type Attempt, checkServerBinary, type ServerBinary } from "./server-binary.ts";
import { formatServerVersion, oldestSupportedVersion } from "./server-version.ts";

export interface ResolveOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log: Logger;
  /** Default: the user's, see {@link userCacheFolder}. */
  readonly cacheFolder?: string;
  /** Called while the release is downloaded. */
  readonly onProgress?: (progress: DownloadProgress) => void;
  readonly clock?: Clock;
}

/** One place where a server may be. Rejects only on faults of the machine, such as a full disk. */
export interface ServerSource {
  /** As in "tried …". */
  readonly name: string;
  find(): Promise<Attempt>;
}

/**
 * Finds a nats-server binary, fetching one if there is none. `docs/nats-server.md` has the order.
 * @throws {InferenceError} `unavailable` listing what was tried, why it failed and what to do;
 * `invalidArgument` when `SLUICE_NATS_SERVER` names no usable binary: what was asked for is never replaced.
 */
export async function resolveNatsServer(options: ResolveOptions): Promise<ServerBinary> {
  const { env, log } = options;
  const run = createRunCommand(env);
  const chosen = env["SLUICE_NATS_SERVER"];
  if (chosen !== undefined && chosen !== "") return useChosenServer(chosen, run);
  return firstServer(createSources({ ...options, run }), log);
}

async function useChosenServer(path: string, run: RunCommand): Promise<ServerBinary> {
  const attempt = await checkServerBinary(path, run);
  if (attempt.kind === "found") return attempt.binary;
  throw new InferenceError(
    "invalidArgument",
    `SLUICE_NATS_SERVER is not a usable nats-server: ${attempt.reason}`,
  );
}

/** All places, the cheapest first; what needs the network comes last. */
function createSources(options: ResolveOptions & { readonly run: RunCommand }): readonly ServerSource[] {
  const { env, run, onProgress, clock = systemClock, cacheFolder = userCacheFolder(env) } = options;
  const cache = createBinaryCache({ cacheFolder, run });
  const archive = releaseArchiveFor(process.platform, process.arch);
  return [
    { name: "nats-server on PATH", find: () => checkServerBinary("nats-server", run) },
    { name: "the cache", find: () => cache.find() },
    {
      name: `the official release ${pinnedVersion}`,
      find: () => downloadServer({ archive, cache, run, clock, ...(onProgress && { onProgress }) }),
    },
    {
      name: "Debian's package",
      find: () => unpackDebianServer({ cache, run, isRoot: process.getuid?.() === 0 }),
    },
  ];
}

/** Asks one source after the other. */
export async function firstServer(sources: readonly ServerSource[], log: Logger): Promise<ServerBinary> {
  const failures: string[] = [];
  for (const source of sources) {
    const attempt = await tryToFind(source);
    if (attempt.kind === "found") {
      const { path, version } = attempt.binary;
      log.info("nats-server was found", { source: source.name, path, version });
      return attempt.binary;
    }
    log.debug("nats-server was not found", { source: source.name, reason: attempt.reason });
    failures.push(`${source.name}: ${attempt.reason}`);
  }
  throw new InferenceError("unavailable", failureMessage(failures));
}

/** A disk that is full or read-only fails its source, not the ones after it. */
async function tryToFind(source: ServerSource): Promise<Attempt> {
  try {
    return await source.find();
  } catch (error) {
    return { kind: "failed", reason: error instanceof Error ? error.message : String(error) };
  }
}

function failureMessage(failures: readonly string[]): string {
  return [
    "no nats-server was found. Tried:",
    ...failures.map((failure) => `  - ${failure}`),
    "Do one of these:",
    "  - set NATS_URL to the address of a running server",
    `  - install nats-server ${formatServerVersion(oldestSupportedVersion)} or newer, so that it is on PATH`,
    "  - set SLUICE_NATS_SERVER to the path of a nats-server binary",
  ].join("\n");
}
