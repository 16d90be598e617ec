import { pathToFileURL } from "node:url";
import type { Command } from "commander";
import type { CliContext } from "../cli-context.ts";
import { serviceEntry, type ServiceName } from "../dev/service-entry.ts";
import { findServer, type ServerAddress } from "../find-server.ts";
import { loginOverrides } from "../read-login.ts";

interface ServiceFlags {
  readonly nats?: string;
  readonly pool?: string;
  readonly models?: string;
  readonly repository?: string;
}

/** Adds `sluice dispatcher`, `sluice worker` and `sluice results`: one service in the foreground, configured by its environment. */
export function addServiceCommands(program: Command, context: CliContext): void {
  const describe = (name: ServiceName, what: string): Command =>
    program
      .command(name)
      .description(`run ${what} in the foreground; docs/operations.md lists its environment variables`)
      .option(
        "--nats <url>",
        "NATS server (default: SLUICE_NATS_URL, else NATS_URL, else this project's `sluice dev`, else port 4222 here)",
      );

  describe("dispatcher", "a dispatcher").action(async (flags: ServiceFlags) => {
    await runServiceMain("dispatcher", environmentOf(context, flags));
  });
  describe("results", "a results service").action(async (flags: ServiceFlags) => {
    await runServiceMain("results", environmentOf(context, flags));
  });
  describe("worker", "a worker")
    .option("--pool <pool>", "the pool it works for")
    .option("--models <names>", "models it serves, separated by commas (default: all of the pool)")
    .option("--repository <folder>", "model repository")
    .action(async (flags: ServiceFlags) => {
      await runServiceMain("worker", environmentOf(context, flags));
    });
}

/** What the flags say, as the environment variables the services read; what is not said is left to the environment. */
export function environmentOf(
  context: Pick<CliContext, "env" | "folder">,
  flags: ServiceFlags,
): Readonly<Record<string, string>> {
  const isNatsUrlSet = flags.nats === undefined && (context.env["SLUICE_NATS_URL"] ?? "") !== "";
  const given = {
    ...(isNatsUrlSet ? {} : serverVariables(findServer(context, flags))),
    SLUICE_POOL: flags.pool,
    SLUICE_MODELS: flags.models,
    SLUICE_MODEL_REPOSITORY: flags.repository,
  };
  return Object.fromEntries(
    Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

function serverVariables(server: ServerAddress): Readonly<Record<string, string>> {
  return { SLUICE_NATS_URL: server.url, ...loginOverrides(server) };
}

/** Becomes the service: its main file reads the environment, handles signals and ends the process. */
async function runServiceMain(
  name: ServiceName,
  environment: Readonly<Record<string, string>>,
): Promise<void> {
  Object.assign(process.env, environment);
  await import(pathToFileURL(serviceEntry(name)).href);
}
