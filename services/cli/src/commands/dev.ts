import type { Command } from "commander";
import type { CliContext } from "../cli-context.ts";
import type { DevFlags } from "../dev/plan.ts";
import { parsePort } from "../parse-option.ts";

/** Adds `sluice dev`: everything on this machine in one command. */
export function addDevCommand(program: Command, context: CliContext): void {
  program
    .command("dev")
    .description("run nats-server, a dispatcher, a worker and a results service on this machine until Ctrl-C")
    .option(
      "--models <folder>",
      "model repository (default: SLUICE_MODEL_REPOSITORY, else deploy/models of the project)",
    )
    .option("--port <port>", "port of nats-server on the loopback address (default: a free one)", parsePort)
    .option("--verbose", "show the services' whole logs")
    .action(async (flags: DevFlags) => {
      const { runDev } = await import("../dev/run-dev.ts");
      await runDev(context, flags);
    });
}
