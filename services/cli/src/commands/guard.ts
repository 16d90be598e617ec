import type { Command } from "commander";
import type { CliContext } from "../cli-context.ts";
import { guardProcesses } from "../dev/guard.ts";
import { parseMilliseconds } from "../parse-option.ts";

/** Adds the hidden `sluice guard`, which `sluice dev` starts beside its services; see {@link guardProcesses}. */
export function addGuardCommand(program: Command, context: CliContext): void {
  program
    .command("guard", { hidden: true })
    .argument("<drainTimeoutMs>", "how long each process may take to drain", parseMilliseconds)
    .action(async (drainTimeoutMs: number) => {
      await guardProcesses({ input: process.stdin, clock: context.clock, drainTimeoutMs });
    });
}
