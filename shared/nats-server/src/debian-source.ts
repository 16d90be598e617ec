import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { InferenceError } from "@sluice/protocol";
import type { BinaryCache } from "./binary-cache.ts";
import type { RunCommand } from "./run-command.ts";
import type { ServerBinary } from "./server-binary.ts";

export interface DebianSourceOptions {
  readonly cache: BinaryCache;
  readonly run: RunCommand;
  /** Whether this process may fetch apt's package lists. */
  readonly isRoot: boolean;
}

/** Bounds what an unreachable mirror costs; apt's own bounds are minutes. */
const aptOptions = ["-o", "Acquire::Retries=0", "-o", "Acquire::http::Timeout=10"] as const;
const queryTimeoutMs = 10_000;
const fetchTimeoutMs = 120_000;
const unpackTimeoutMs = 30_000;

/** Where the package has its binary. */
const packagedBinary = join("usr", "sbin", "nats-server");

/**
 * Takes the binary of Debian's package into the cache. The package is downloaded and unpacked, not installed:
 * that needs no rights and starts no system service. apt checks the package against Debian's signed lists.
 * @throws {InferenceError} `unavailable` when there is no apt, or it cannot get the package.
 */
export async function unpackDebianServer({ cache, run, isRoot }: DebianSourceOptions): Promise<ServerBinary> {
  if (!(await isPackageKnown(run))) {
    // Only root may fetch the lists. A fresh container has none, and who uses it is root: no manual step there.
    if (!isRoot) {
      throw new InferenceError("unavailable", "apt knows no package nats-server; run `sudo apt-get update`");
    }
    await run(["apt-get", ...aptOptions, "update"], { timeoutMs: fetchTimeoutMs });
    if (!(await isPackageKnown(run))) {
      throw new InferenceError(
        "unavailable",
        "apt knows no package nats-server, even after `apt-get update`",
      );
    }
  }
  return cache.install(async (folder) => {
    await run(["apt-get", ...aptOptions, "download", "nats-server"], { folder, timeoutMs: fetchTimeoutMs });
    const packageFile = (await readdir(folder)).find((name) => name.endsWith(".deb"));
    if (packageFile === undefined)
      throw new InferenceError("unavailable", "apt-get download left no package");
    await run(["dpkg-deb", "-x", packageFile, "."], { folder, timeoutMs: unpackTimeoutMs });
    return join(folder, packagedBinary);
  });
}

/** Asks apt's lists, without the network. */
async function isPackageKnown(run: RunCommand): Promise<boolean> {
  const policy = await run(["apt-cache", "policy", "nats-server"], { timeoutMs: queryTimeoutMs });
  return /^ {2}Candidate: \d/m.test(policy);
}
