import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { InferenceError } from "@sluice/protocol";
import type { BinaryCache, UnpackedBinary } from "./binary-cache.ts";
import { downloadFile, type DownloadOptions } from "./download.ts";
import { findListedDigest, type ReleaseArchive } from "./release.ts";
import type { RunCommand } from "./run-command.ts";
import type { Attempt } from "./server-binary.ts";

export interface DownloadSourceOptions extends DownloadOptions {
  /** `undefined` if no release exists for this machine. */
  readonly archive: ReleaseArchive | undefined;
  readonly cache: BinaryCache;
  readonly run: RunCommand;
}

/** Unpacking 7 MB takes well under a second. */
const unpackTimeoutMs = 30_000;

/** Downloads the official release, compares its digest, and puts its binary into the cache. */
export async function downloadServer(options: DownloadSourceOptions): Promise<Attempt> {
  const { archive, cache } = options;
  if (archive === undefined)
    return { kind: "failed", reason: "there is no official release for this machine" };
  try {
    return await cache.install((stagingFolder) => unpackArchive(archive, stagingFolder, options));
  } catch (error) {
    if (error instanceof InferenceError) return { kind: "failed", reason: error.message };
    throw error;
  }
}

async function unpackArchive(
  archive: ReleaseArchive,
  stagingFolder: string,
  options: DownloadSourceOptions,
): Promise<UnpackedBinary> {
  const archiveFile = join(stagingFolder, "archive");
  const expectedDigest = await findDigest(archive, stagingFolder, options);
  const digest = await downloadFile(archive.url, archiveFile, options);
  if (digest !== expectedDigest) {
    return {
      kind: "failed",
      reason: `${archive.url} has the SHA-256 ${digest}, expected ${expectedDigest}; it was thrown away`,
    };
  }
  const unpacked = await options.run(["tar", "-xf", archiveFile, "-C", stagingFolder], {
    timeoutMs: unpackTimeoutMs,
  });
  if (!unpacked.succeeded) return { kind: "failed", reason: unpacked.reason };
  return { kind: "unpacked", path: join(stagingFolder, archive.binaryPath) };
}

/** The digest the archive must have. */
async function findDigest(
  { digest, url }: ReleaseArchive,
  stagingFolder: string,
  options: DownloadOptions,
): Promise<string> {
  if (digest.kind === "pinned") return digest.sha256;
  const listFile = join(stagingFolder, "SHA256SUMS");
  await downloadFile(digest.url, listFile, options);
  const listed = findListedDigest(await readFile(listFile, "utf8"), url);
  if (listed === undefined) throw new InferenceError("unavailable", `${digest.url} does not list ${url}`);
  return listed;
}
