import { systemClock } from "@sluice/runtime";
import type { CliContext } from "./cli-context.ts";
import { endingOf } from "./exit-code.ts";
import { createProgram } from "./program.ts";

const context: CliContext = {
  env: process.env,
  folder: process.cwd(),
  clock: systemClock,
  print: (text) => void process.stdout.write(text),
  note: (line) => void process.stderr.write(`${line}\n`),
};

try {
  await createProgram(context).parseAsync(process.argv);
} catch (error) {
  const { exitCode, line } = endingOf(error);
  if (line !== "") context.note(line);
  process.exitCode = exitCode;
}
