import { chmod, mkdir, mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { InferenceError } from "@sluice/protocol";
import type { RunCommand } from "./run-command.ts";
import { checkServerBinary, type ServerBinary } from "./server-binary.ts";

/** The folder `<cache folder>/sluice/nats-server`, which holds `<version>/nats-server`. Processes may share it. */
export interface BinaryCache {
  /**
   * Finds the newest copy that runs here and is supported.
   * @throws {InferenceError} `unavailable` when there is none.
   */
  find(): Promise<ServerBinary>;
  /**
   * Takes a binary into the cache: `unpack` is given an empty folder and returns the path of the binary it made there.
   * The last step is one rename of a finished and tried file, so that other processes see a whole binary or none.
   */
  install(unpack: (stagingFolder: string) => Promise<string>): Promise<ServerBinary>;
}

export interface BinaryCacheOptions {
  readonly cacheFolder: string;
  readonly run: RunCommand;
}

/** Begins the names of staging folders. They lie in the cache because a rename cannot leave its file system. */
const stagingPrefix = ".staging-";

const binaryName = "nats-server";

/** Creates the cache; touches no file before it is used. */
export function createBinaryCache({ cacheFolder, run }: BinaryCacheOptions): BinaryCache {
  const folder = join(cacheFolder, "sluice", "nats-server");

  return {
    async find() {
      const versions = (await listFolder(folder)).filter((name) => !name.startsWith(stagingPrefix));
      versions.sort((a, b) => b.localeCompare(a, "en", { numeric: true }));
      const failures: string[] = [];
      for (const version of versions) {
        try {
          return await checkServerBinary(join(folder, version, binaryName), run);
        } catch (error) {
          failures.push(InferenceError.from(error).message);
        }
      }
      throw new InferenceError("unavailable", failures.join("; ") || `nothing in ${folder}`);
    },

    async install(unpack) {
      await mkdir(folder, { recursive: true });
      const stagingFolder = await mkdtemp(join(folder, stagingPrefix));
      try {
        const unpackedPath = await unpack(stagingFolder);
        await chmod(unpackedPath, 0o755);
        const { version } = await checkServerBinary(unpackedPath, run);
        await mkdir(join(folder, version), { recursive: true });
        const path = join(folder, version, binaryName);
        await rename(unpackedPath, path);
        return { path, version };
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
