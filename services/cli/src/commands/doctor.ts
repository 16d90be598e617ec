import { InferenceError } from "@sluice/protocol";
import type { Command } from "commander";
import type { CliContext } from "../cli-context.ts";
import { runChecks } from "../doctor/run-checks.ts";
import { formatJson } from "../format-table.ts";

/** Adds `sluice doctor`: looks at what Sluice needs on this machine, and says what to do about what is missing. */
export function addDoctorCommand(program: Command, context: CliContext): void {
  program
    .command("doctor")
    .description("check what this machine needs to run Sluice")
    .option("--json", "print JSON")
    .action(async (flags: DoctorFlags) => examine(context, flags));
}

interface DoctorFlags {
  readonly json?: boolean;
}

async function examine(context: CliContext, { json }: DoctorFlags): Promise<void> {
  const { allChecks } = await import("../doctor/checks.ts");
  const results = await runChecks(allChecks(context), ({ name, state, found, remedy }) => {
    if (json === true) return;
    const advice = remedy === "" ? "" : `\n${" ".repeat(22)}do: ${remedy}`;
    context.print(`${state.padEnd(8)} ${name.padEnd(12)} ${found}${advice}\n`);
  });
  if (json === true) context.print(formatJson(results));
  const failed = results.filter(({ state }) => state === "failed").map(({ name }) => name);
  if (failed.length > 0) throw new InferenceError("unavailable", `not in order: ${failed.join(", ")}`);
}
