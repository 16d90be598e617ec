import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { InferenceError } from "@sluice/protocol";
import type { BinaryCache } from "./binary-cache.ts";
import { downloadFile, type DownloadOptions } from "./download.ts";
import { findListedDigest, type ReleaseArchive } from "./release.ts";
import type { RunCommand } from "./run-command.ts";
import type { ServerBinary } from "./server-binary.ts";

export interface DownloadSourceOptions extends DownloadOptions {
  /** `undefined` if no release exists for this machine. */
  readonly archive: ReleaseArchive | undefined;
  readonly cache: BinaryCache;
  readonly run: RunCommand;
}

/** Unpacking 7 MB takes well under a second. */
const unpackTimeoutMs = 30_000;

/**
 * Downloads the official release, compares its digest, and takes its binary into the cache.
 * @throws {InferenceError} `unavailable` when it cannot be had, or is not what it should be.
 */
export async function downloadServer(options: DownloadSourceOptions): Promise<ServerBinary> {
  const { archive, cache, run } = options;
  if (archive === undefined) {
    throw new InferenceError("unavailable", "there is no official release for this kind of machine");
  }
  return cache.install(async (stagingFolder) => {
    const archiveFile = join(stagingFolder, "archive");
    const expectedDigest = await findDigest(archive, { ...options, stagingFolder });
    const digest = await downloadFile(archive.url, archiveFile, options);
    if (digest !== expectedDigest) {
      throw new InferenceError(
        "unavailable",
        `${archive.url} was thrown away: its SHA-256 is ${digest}, expected ${expectedDigest}`,
      );
    }
    // Every system that Sluice runs on has a tar; the one of Windows reads zip archives as well.
    await run(["tar", "-xf", archiveFile, "-C", stagingFolder], { timeoutMs: unpackTimeoutMs });
    return join(stagingFolder, archive.binaryPath);
  });
}

/** The digest that the archive must have. */
async function findDigest(
  { digest, url }: ReleaseArchive,
  { stagingFolder, clock, signal }: DownloadOptions & { readonly stagingFolder: string },
): Promise<string> {
  if (digest.kind === "pinned") return digest.sha256;
  const listFile = join(stagingFolder, "SHA256SUMS");
  await downloadFile(digest.url, listFile, { clock, signal });
  const listed = findListedDigest(await readFile(listFile, "utf8"), url);
  if (listed === undefined) throw new InferenceError("unavailable", `${digest.url} does not list ${url}`);
  return listed;
}
