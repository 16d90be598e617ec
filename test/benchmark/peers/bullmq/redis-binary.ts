import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { InferenceError } from "@sluice/protocol";

const run = promisify(execFile);

/** A redis-server that runs here, with the variables it needs to find its libraries. */
export interface RedisBinary {
  readonly path: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** Debian's server, and what it needs that a minimal Debian lacks. */
const packages = ["redis-server", "redis-tools", "libjemalloc2", "liblzf1"] as const;
/** Bounds what an unreachable mirror costs; apt's own bounds are minutes. */
const downloadTimeoutMs = 60_000;

/**
 * Finds redis-server on PATH or in the user's cache folder, into which Debian's packages are unpacked, not installed, if need be.
 * @throws {InferenceError} `unavailable` when none runs here.
 */
export async function findRedisBinary(environment: NodeJS.ProcessEnv): Promise<RedisBinary> {
  const folder = join(environment["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "sluice", "redis");
  const sources = [
    () => checkBinary({ path: "redis-server", environment: {} }),
    () => findUnpacked(folder),
    async () => {
      await unpackPackages(folder);
      return findUnpacked(folder);
    },
  ];
  const failures: unknown[] = [];
  for (const find of sources) {
    try {
      return await find();
    } catch (error) {
      failures.push(error);
    }
  }
  throw new InferenceError(
    "unavailable",
    `there is no redis-server on PATH or in ${folder}, and Debian's packages could not be unpacked there`,
    { cause: new AggregateError(failures) },
  );
}

async function checkBinary(binary: RedisBinary): Promise<RedisBinary> {
  await run(binary.path, ["--version"], { env: { ...process.env, ...binary.environment } });
  return binary;
}

async function findUnpacked(folder: string): Promise<RedisBinary> {
  const libraries = join(folder, "usr", "lib");
  // Debian keeps libraries in a folder named after the platform, such as `x86_64-linux-gnu`.
  const platform = (await readdir(libraries)).find((name) => name.includes("-linux-gnu")) ?? "";
  return checkBinary({
    path: join(folder, "usr", "bin", "redis-server"),
    environment: { LD_LIBRARY_PATH: join(libraries, platform) },
  });
}

/** Replaces the folder with one rename, so that other processes see a whole one or none. */
async function unpackPackages(folder: string): Promise<void> {
  await mkdir(dirname(folder), { recursive: true });
  const staging = await mkdtemp(`${folder}-`);
  try {
    await run("apt-get", ["download", ...packages], { cwd: staging, timeout: downloadTimeoutMs });
    for (const file of await readdir(staging)) {
      await run("dpkg-deb", ["-x", file, "unpacked"], { cwd: staging });
    }
    await rm(folder, { recursive: true, force: true });
    await rename(join(staging, "unpacked"), folder);
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}
