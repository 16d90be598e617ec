import { linkSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { InferenceError } from "@sluice/protocol";
import { isErrno } from "../process-alive.ts";
import { isStillRunning, processStart, type NotedProcess } from "../process-start.ts";

/** The right to serve from a data folder: one nats-server must not find its store under the hands of another. */
export interface Claim {
  /** Gives it back; once is enough. */
  release(): void;
}

/** Who claims a data folder. */
export interface Claimant {
  /** Process id of the `sluice dev`. */
  readonly pid: number;
  /** That of its guard, which ends only when nothing of the stack runs any more. */
  readonly guardPid: number;
}

/**
 * Claims a data folder from before anything is started in it. The claim is a file that names its processes, and when they started.
 * It is written under another name and linked, so that it says whose it is from its first moment. One that was left behind is
 * taken over once all of them are gone, whoever has their numbers then.
 * @throws {InferenceError} `unavailable` when a `sluice dev` holds it, or one that was killed is still being stopped;
 * `invalidArgument` naming the folder when it cannot be written.
 */
export function claimDataFolder(dataFolder: string, claimant: Claimant): Claim {
  const path = join(dataFolder, "dev.claim");
  const { pid } = claimant;
  while (!tryLink(path, claimant, dataFolder)) {
    const holder = readHolder(path);
    // A holder with this number is gone, as its number is this process's now: containers give the same ones at each start.
    if (holder !== undefined && holder.dev.pid !== pid) refuseIfHeld(holder, dataFolder);
    rmSync(path, { force: true });
  }
  return { release: () => rmSync(path, { force: true }) };
}

function tryLink(path: string, { pid, guardPid }: Claimant, dataFolder: string): boolean {
  const draft = `${path}.${pid}-${guardPid}`;
  try {
    writeFileSync(draft, `${pid}-${guardPid}\n${processStart(pid)}\n${processStart(guardPid)}`);
    try {
      linkSync(draft, path);
    } finally {
      rmSync(draft);
    }
    return true;
  } catch (cause) {
    if (isErrno(cause, "EEXIST")) return false;
    throw new InferenceError("invalidArgument", `the data folder ${dataFolder} cannot be used`, { cause });
  }
}

interface Holder {
  readonly dev: NotedProcess;
  readonly guard: NotedProcess;
}

/** `undefined` where the claim was given back meanwhile, or says nothing that can be read. */
function readHolder(path: string): Holder | undefined {
  try {
    const [numbers = "", start = "", guardStart = ""] = readFileSync(path, "utf8").split("\n");
    const [, pid, guardPid] = /^(\d+)-(\d+)$/.exec(numbers) ?? [];
    if (pid === undefined) return undefined;
    return { dev: { pid: Number(pid), start }, guard: { pid: Number(guardPid), start: guardStart } };
  } catch {
    return undefined;
  }
}

function refuseIfHeld({ dev, guard }: Holder, dataFolder: string): void {
  if (isStillRunning(dev)) {
    throw new InferenceError(
      "unavailable",
      `another \`sluice dev\` (process ${dev.pid}) is using ${dataFolder}: use it, or stop it first`,
    );
  }
  if (!isStillRunning(guard)) return;
  throw new InferenceError(
    "unavailable",
    `what a killed \`sluice dev\` left in ${dataFolder} is still being stopped (by process ${guard.pid}): try again when it is gone`,
  );
}
