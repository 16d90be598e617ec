import { statSync } from "node:fs";
import { join, resolve } from "node:path";
import { InferenceError } from "@sluice/protocol";
import type { CliContext } from "../cli-context.ts";
import { dataFolder, projectFolder } from "../data-folder.ts";
import { readDevState } from "./dev-state.ts";

/** The options of `sluice dev`. */
export interface DevFlags {
  readonly models?: string;
  readonly port?: number;
  readonly verbose?: boolean;
}

/** What a `sluice dev` is going to run. */
export interface DevPlan {
  readonly dataFolder: string;
  readonly modelsFolder: string;
  /** Address of the NATS server to use; `undefined` = start one. */
  readonly natsUrl: string | undefined;
  /** Port for a server that is started; `undefined` = a free one. */
  readonly port: number | undefined;
}

/** Checks what can be checked before anything is started. */
export function planDev(context: Pick<CliContext, "env" | "folder">, options: DevFlags): DevPlan {
  const { env } = context;
  const data = dataFolder(context);
  const running = readDevState(data);
  if (running !== undefined) {
    throw new InferenceError(
      "unavailable",
      `another \`sluice dev\` (process ${running.pid}) serves this project at ${running.url}: use it, or stop it first`,
    );
  }
  const modelsFolder = modelRepository(context, options);
  if (statSync(modelsFolder, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new InferenceError(
      "notFound",
      `there is no model repository at ${modelsFolder}: name one with --models <folder>`,
    );
  }
  const natsUrl = nonEmpty(env["NATS_URL"]);
  if (natsUrl !== undefined && options.port !== undefined) {
    throw new InferenceError(
      "invalidArgument",
      "--port is for a nats-server of its own, but NATS_URL names one to use",
    );
  }
  return { dataFolder: data, modelsFolder, natsUrl, port: options.port };
}

/** The model repository: `--models`, else `SLUICE_MODEL_REPOSITORY`, else `deploy/models` of the project. */
export function modelRepository(
  context: Pick<CliContext, "env" | "folder">,
  options: { readonly models?: string },
): string {
  const named = nonEmpty(options.models) ?? nonEmpty(context.env["SLUICE_MODEL_REPOSITORY"]);
  return named === undefined
    ? join(projectFolder(context), "deploy", "models")
    : resolve(context.folder, named);
}

function nonEmpty(value: string | undefined): string | undefined {
  return value === "" ? undefined : value;
}
