import { InferenceError } from "@sluice/protocol";
import type { Command } from "commander";
import type { CliContext } from "../cli-context.ts";
import type { ClientFlags } from "../connect-client.ts";
import { formatJson, formatTable } from "../format-table.ts";

interface ModelsFlags extends ClientFlags {
  readonly json?: boolean;
}

/** Adds `sluice models`: what the pools of a cluster announce. */
export function addModelsCommand(program: Command, context: CliContext): void {
  program
    .command("models")
    .description("list the models that the pools serve now")
    .option(
      "--nats <url>",
      "NATS server (default: NATS_URL, else this project's `sluice dev`, else port 4222 here)",
    )
    .option("--json", "print JSON")
    .action(async (flags: ModelsFlags) => listModels(context, flags));
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
