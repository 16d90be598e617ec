import { InferenceError } from "@sluice/protocol";
import type { Command } from "commander";
import type { CliContext } from "../cli-context.ts";
import type { ClientFlags } from "../connect-client.ts";
import { formatJson, formatTable } from "../format-table.ts";
import type { ProfileFlags } from "../models/run-profile.ts";
import { parseCount } from "../parse-option.ts";

interface ModelsFlags extends ClientFlags {
  readonly json?: boolean;
}

const natsOption = [
  "--nats <url>",
  "NATS server (default: NATS_URL, else this project's `sluice dev`, else port 4222 here)",
] as const;

/** Adds `sluice models`: what the pools of a cluster announce, and how long a model takes. */
export function addModelsCommand(program: Command, context: CliContext): void {
  const models = program
    .command("models")
    .description("list the models that the pools serve now")
    .option(...natsOption)
    .option("--json", "print JSON")
    .action(async (flags: ModelsFlags) => listModels(context, flags));
  models
    .command("profile")
    .description("say how long a model takes on each worker, and what batches that allows")
    .argument("<model>")
    .option(...natsOption)
    .option(
      "--length <elements>",
      "length of the rows, where rows differ (default: 16, 64 and 256)",
      parseCount,
    )
    .option("--json", "print JSON")
    .option("--svg <file>", "draw it, too")
    .action(async (model: string, _flags: ProfileFlags, command: Command) => {
      const { runProfile } = await import("../models/run-profile.ts");
      await runProfile(context, model, command.optsWithGlobals<ProfileFlags>());
    });
}

async function listModels(context: CliContext, flags: ModelsFlags): Promise<void> {
  const { connectClient } = await import("../connect-client.ts");
  await using client = await connectClient(context, flags);
  const models = await client.models();
  if (flags.json === true) {
    context.print(formatJson(models));
    return;
  }
  if (models.length === 0) {
    throw new InferenceError("notFound", "no pool announces a model: is a dispatcher and a worker running?");
  }
  const rows = models.map(({ name, version, pool, workerCount }) => [
    name,
    version,
    pool,
    String(workerCount),
  ]);
  context.print(formatTable([["model", "version", "pool", "workers"], ...rows]));
}
