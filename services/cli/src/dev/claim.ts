import { linkSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { InferenceError } from "@sluice/protocol";
import { isErrno, isProcessAlive } from "../process-alive.ts";

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
 * Claims a data folder from before anything is started in it. The claim is a file that names its processes. It is written under
 * another name and linked, so that it says whose it is from its first moment. One that was left behind is taken over once all of
 * them are gone.
 * @throws {InferenceError} `unavailable` when a `sluice dev` holds it, or one that was killed is still being stopped;
 * `invalidArgument` naming the folder when it cannot be written.
 */
export function claimDataFolder(dataFolder: string, claimant: Claimant): Claim {
  const path = join(dataFolder, "dev.claim");
  const { pid, guardPid } = claimant;
  while (!tryLink(path, `${pid}-${guardPid}`, dataFolder)) {
    const holder = readHolder(path);
    // A holder with this number is gone, as its number is this process's now: containers give the same ones at each start.
    if (holder !== undefined && holder.pid !== pid) refuseIfHeld(holder, dataFolder);
    rmSync(path, { force: true });
  }
  return { release: () => rmSync(path, { force: true }) };
}

function tryLink(path: string, holder: string, dataFolder: string): boolean {
  const draft = `${path}.${holder}`;
  try {
    writeFileSync(draft, holder);
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

/** `undefined` where the claim was given back meanwhile, or says nothing that can be read. */
function readHolder(path: string): Claimant | undefined {
  try {
    const [, pid, guardPid] = /^(\d+)-(\d+)$/.exec(readFileSync(path, "utf8")) ?? [];
    return pid === undefined ? undefined : { pid: Number(pid), guardPid: Number(guardPid) };
  } catch {
    return undefined;
  }
}

function refuseIfHeld({ pid, guardPid }: Claimant, dataFolder: string): void {
  if (isProcessAlive(pid)) {
    throw new InferenceError(
      "unavailable",
      `another \`sluice dev\` (process ${pid}) is using ${dataFolder}: use it, or stop it first`,
    );
  }
  if (!isProcessAlive(guardPid)) return;
  throw new InferenceError(
    "unavailable",
    `what a killed \`sluice dev\` left in ${dataFolder} is still being stopped (by process ${guardPid}): try again when it is gone`,
  );
}
