import { chmod, mkdir, mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { type Attempt, checkServerBinary } from "./server-binary.ts";
import type { RunCommand } from "./run-command.ts";

/** The folder `<cache folder>/sluice/nats-server`, which holds `<version>/nats-server`. Safe to share between processes. */
export interface BinaryCache {
  readonly folder: string;
  /** The newest copy that runs here and is supported. */
  find(): Promise<Attempt>;
  /**
   * Gives `unpack` an empty folder on the same file system and moves the binary whose path it returns into the cache.
   * The move is one rename of a finished file, so another process sees the whole binary or none.
   */
  install(unpack: (stagingFolder: string) => Promise<UnpackedBinary>): Promise<Attempt>;
}

/** A binary in a staging folder, or why there is none. */
export type UnpackedBinary =
  { readonly kind: "unpacked"; readonly path: string } | { readonly kind: "failed"; readonly reason: string };

export interface BinaryCacheOptions {
  readonly cacheFolder: string;
  readonly run: RunCommand;
}

const stagingPrefix = ".staging-";

/** Creates the cache; touches no file before it is used. */
export function createBinaryCache(options: BinaryCacheOptions): BinaryCache {
  const { cacheFolder, run } = options;
  const folder = join(cacheFolder, "sluice", "nats-server");

  return {
    folder,

    async find() {
      const versions = (await listFolder(folder)).filter((name) => !name.startsWith(stagingPrefix));
      versions.sort((a, b) => b.localeCompare(a, "en", { numeric: true }));
      const reasons: string[] = [];
      for (const version of versions) {
        const attempt = await checkServerBinary(join(folder, version, "nats-server"), run);
        if (attempt.kind === "found") return attempt;
        reasons.push(attempt.reason);
      }
      return { kind: "failed", reason: reasons.join("; ") || `${folder} is empty` };
    },

    async install(unpack) {
      await mkdir(folder, { recursive: true });
      const stagingFolder = await mkdtemp(join(folder, stagingPrefix));
      try {
        const unpacked = await unpack(stagingFolder);
        if (unpacked.kind === "failed") return unpacked;
        await chmod(unpacked.path, 0o755);
        const checked = await checkServerBinary(unpacked.path, run);
        if (checked.kind === "failed") return checked;
        const { version } = checked.binary;
        const versionFolder = join(folder, version);
        await mkdir(versionFolder, { recursive: true });
        const path = join(versionFolder, "nats-server");
        await rename(unpacked.path, path);
        return { kind: "found", binary: { path, version } };
      } finally {
        await rm(stagingFolder, { recursive: true, force: true });
      }
    },
  };
}

/** Names in a folder; none if it does not exist. */
async function listFolder(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  }
}
