import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { InferenceError } from "@sluice/protocol";
import { z } from "zod";
import { isErrno } from "../process-alive.ts";
import { isStillRunning, processStart } from "../process-start.ts";

const devStateSchema = z.object({
  /** Process id of the `sluice dev` that wrote it. */
  pid: z.number().int().positive(),
  /** Where its NATS server listens. */
  url: z.string().min(1),
  /** Whether it started that server. */
  isOfDev: z.boolean(),
  /** Status address of each service, by its name. */
  statusUrls: z.record(z.string(), z.string()),
});

/** As it is written: `start` is when the process started, by which another one is known that has its number now. */
const devStateFileSchema = devStateSchema.extend({ start: z.string().default("") });

/** What a running `sluice dev` tells the other commands of its project. */
export type DevState = Readonly<z.infer<typeof devStateSchema>>;

function statePath(dataFolder: string): string {
  return join(dataFolder, "dev.json");
}

/**
 * Tells the other commands where this `sluice dev` serves.
 * @throws {InferenceError} `unavailable` naming the file when it cannot be written.
 */
export function writeDevState(dataFolder: string, state: DevState): void {
  const path = statePath(dataFolder);
  try {
    mkdirSync(dataFolder, { recursive: true });
    const text = JSON.stringify({ ...state, start: processStart(state.pid) }, undefined, 2);
    writeFileSync(path, `${text}\n`);
  } catch (cause) {
    throw new InferenceError("unavailable", `${path} cannot be written`, { cause });
  }
}

/** Forgets it; nothing happens if it is forgotten already. */
export function removeDevState(dataFolder: string): void {
  const path = statePath(dataFolder);
  if (existsSync(path)) rmSync(path, { force: true });
}

/**
 * The running `sluice dev` of a project; `undefined` if there is none. A file left behind by one that was killed is
 * recognised by its process being gone, whoever has its number now, and removed.
 */
export function readDevState(dataFolder: string): DevState | undefined {
  const written = parseState(statePath(dataFolder));
  if (written !== undefined && isStillRunning(written)) {
    const { start: _, ...state } = written;
    return state;
  }
  removeDevState(dataFolder);
  return undefined;
}

function parseState(path: string): z.infer<typeof devStateFileSchema> | undefined {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if (isErrno(error, "ENOENT") || isErrno(error, "ENOTDIR")) return undefined;
    throw new InferenceError("unavailable", `${path} cannot be read`, { cause: error });
  }
  return devStateFileSchema.safeParse(parseJson(text)).data;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Half-written by a process that was killed: as good as absent.
    return undefined;
  }
}
