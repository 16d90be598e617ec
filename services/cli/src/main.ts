import { systemClock } from "@sluice/runtime";
import type { CliContext } from "./cli-context.ts";
import { endingOf } from "./exit-code.ts";
import { createOutput } from "./output.ts";
import { createProgram } from "./program.ts";

const output = createOutput(process);
const context: CliContext = {
  env: process.env,
  folder: process.cwd(),
  clock: systemClock,
  print: output.print,
  note: output.note,
};

try {
  await createProgram(context).parseAsync(process.argv);
} catch (error) {
  const { exitCode, line } = endingOf(error);
  if (line !== "") context.note(line);
  await output.flushed();
  // Not the code alone: a server that never greets leaves a socket behind that would keep the process.
  process.exit(exitCode);
}
