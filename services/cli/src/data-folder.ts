import { existsSync, mkdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { InferenceError } from "@sluice/protocol";
import type { CliContext } from "./cli-context.ts";

/** Name of the folder that holds what `sluice dev` keeps: the server's store, logs and the address it serves on. */
const dataFolderName = ".sluice";

/**
 * Finds the project a command was called in: the nearest folder, going up, that has a `.sluice` folder or `deploy/models`;
 * the folder of the call itself if there is none.
 */
export function projectFolder({ folder }: Pick<CliContext, "folder">): string {
  for (let candidate = resolve(folder); ; candidate = dirname(candidate)) {
    if (existsSync(join(candidate, dataFolderName)) || existsSync(join(candidate, "deploy", "models"))) {
      return candidate;
    }
    if (candidate === dirname(candidate)) return resolve(folder);
  }
}

/** The data folder: `SLUICE_DATA_FOLDER`, else `.sluice` in the project. */
export function dataFolder(context: Pick<CliContext, "folder" | "env">): string {
  const chosen = context.env["SLUICE_DATA_FOLDER"];
  return chosen === undefined || chosen === ""
    ? join(projectFolder(context), dataFolderName)
    : resolve(context.folder, chosen);
}

/**
 * Makes the folder of the services' logs in a data folder.
 * @throws {InferenceError} `invalidArgument` naming it when it cannot be made.
 */
export function createLogFolder(dataFolder: string): string {
  const folder = join(dataFolder, "logs");
  try {
    mkdirSync(folder, { recursive: true });
  } catch (cause) {
    throw new InferenceError("invalidArgument", `the data folder ${dataFolder} cannot be used`, { cause });
  }
  return folder;
}
