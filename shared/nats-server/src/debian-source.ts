import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { BinaryCache, UnpackedBinary } from "./binary-cache.ts";
import type { RunCommand } from "./run-command.ts";
import type { Attempt } from "./server-binary.ts";

export interface DebianSourceOptions {
  readonly cache: BinaryCache;
  readonly run: RunCommand;
  /** Whether this process may fetch the package lists. */
  readonly isRoot: boolean;
}

/** Bounds what an unreachable mirror costs; apt's own are minutes. */
const aptOptions = ["-o", "Acquire::Retries=0", "-o", "Acquire::http::Timeout=10"] as const;
const queryTimeoutMs = 10_000;
const aptTimeoutMs = 120_000;
const unpackTimeoutMs = 30_000;

/**
 * Puts the binary of Debian's package into the cache. Downloads and unpacks the package instead of installing it:
 * that needs no rights and starts no system service. apt checks the package's signature.
 */
export async function unpackDebianServer({ cache, run, isRoot }: DebianSourceOptions): Promise<Attempt> {
  const known = await knowsPackage(run);
  if (known.kind === "noApt") return { kind: "failed", reason: `this is no Debian system: ${known.reason}` };
  if (known.kind === "unknown") {
    // Only root may fetch the lists. A fresh container has none, and its user is root: it should need no manual step.
    if (!isRoot) {
      return {
        kind: "failed",
        reason: "apt knows no package nats-server; `sudo apt-get update` fetches its lists",
      };
    }
    const updated = await run(["apt-get", ...aptOptions, "update"], { timeoutMs: aptTimeoutMs });
    if (!updated.succeeded) return { kind: "failed", reason: updated.reason };
    if ((await knowsPackage(run)).kind !== "known") {
      return { kind: "failed", reason: "apt knows no package nats-server, even after `apt-get update`" };
    }
  }
  return cache.install((stagingFolder) => downloadPackage(stagingFolder, run));
}

type PackageKnowledge =
  | { readonly kind: "known" }
  | { readonly kind: "unknown" }
  | { readonly kind: "noApt"; readonly reason: string };

/** Asks apt, without the network, whether its lists have the package. */
async function knowsPackage(run: RunCommand): Promise<PackageKnowledge> {
  const policy = await run(["apt-cache", "policy", "nats-server"], { timeoutMs: queryTimeoutMs });
  if (!policy.succeeded) return { kind: "noApt", reason: policy.reason };
  return { kind: /^ {2}Candidate: \d/m.test(policy.output) ? "known" : "unknown" };
}

async function downloadPackage(stagingFolder: string, run: RunCommand): Promise<UnpackedBinary> {
  const downloaded = await run(["apt-get", ...aptOptions, "download", "nats-server"], {
    folder: stagingFolder,
    timeoutMs: aptTimeoutMs,
  });
  if (!downloaded.succeeded) return { kind: "failed", reason: downloaded.reason };
  const packageFile = (await readdir(stagingFolder)).find((name) => name.endsWith(".deb"));
  if (packageFile === undefined) return { kind: "failed", reason: "apt-get download left no package" };
  const unpacked = await run(["dpkg-deb", "-x", packageFile, "."], {
    folder: stagingFolder,
    timeoutMs: unpackTimeoutMs,
  });
  if (!unpacked.succeeded) return { kind: "failed", reason: unpacked.reason };
  for (const folder of ["usr/sbin", "usr/bin"]) {
    const path = join(stagingFolder, folder, "nats-server");
    if ((await stat(path).catch(() => undefined))?.isFile() === true) return { kind: "unpacked", path };
  }
  return { kind: "failed", reason: `${packageFile} has no nats-server in usr/sbin or usr/bin` };
}
