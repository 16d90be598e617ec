import type { Command } from "commander";
import type { CliContext } from "../cli-context.ts";
import { parseMilliseconds } from "../parse-option.ts";
import type { ExplainFlags } from "../pools/run-explain.ts";
import type { PoolsFlags } from "../pools/run-pools.ts";
import type { TopFlags } from "../pools/run-top.ts";

/** Adds `sluice pools`, `sluice top` and `sluice explain`: what the owners of the pools see. */
export function addPoolCommands(program: Command, context: CliContext): void {
  const add = (name: string, description: string): Command =>
    program
      .command(name)
      .description(description)
      .option(
        "--nats <url>",
        "NATS server (default: NATS_URL, else this project's `sluice dev`, else port 4222 here)",
      );

  add("pools", "list the pools, their owners, and what waits and runs in them")
    .option("--json", "print JSON")
    .action(async (flags: PoolsFlags) => {
      const { runPools } = await import("../pools/run-pools.ts");
      await runPools(context, flags);
    });
  add("top", "show who gets what, and who waits, until Ctrl-C")
    .option("--pool <pool>", "this pool only")
    .option("--interval-ms <ms>", "time between two looks (default: 1000)", parseMilliseconds)
    .option("--once", "look once")
    .option("--json", "print a line of JSON for each pool and look")
    .action(async (flags: TopFlags) => {
      const { runTop } = await import("../pools/run-top.ts");
      await runTop(context, flags);
    });
  add("explain", "say where a request stands, what is ahead of it, and when it is expected to run")
    .argument("<request-id>")
    .option("--tenant <tenant>", "whose request it is, where several have the same id")
    .option("--json", "print JSON")
    .action(async (id: string, flags: ExplainFlags) => {
      const { runExplain } = await import("../pools/run-explain.ts");
      await runExplain(context, id, flags);
    });
}
