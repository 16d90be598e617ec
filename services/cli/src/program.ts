import { Command } from "commander";
import type { CliContext } from "./cli-context.ts";
import { addDevCommand } from "./commands/dev.ts";
import { addDoctorCommand } from "./commands/doctor.ts";
import { addGuardCommand } from "./commands/guard.ts";
import { addInferCommand } from "./commands/infer.ts";
import { addModelsCommand } from "./commands/models.ts";
import { addPoolCommands } from "./commands/pools.ts";
import { addProvidersCommand } from "./commands/providers.ts";
import { addServiceCommands } from "./commands/services.ts";
import { addTenantsCommand } from "./commands/tenants.ts";

/** The whole `sluice` command. Whatever a command throws comes out of `parseAsync`. */
export function createProgram(context: CliContext): Command {
  const program = new Command("sluice")
    .description("Fair-share inference on NATS")
    .configureOutput({
      writeOut: (text) => context.print(text),
      writeErr: (text) => context.note(text.trimEnd()),
    })
    .exitOverride();
  addDevCommand(program, context);
  addInferCommand(program, context);
  addModelsCommand(program, context);
  addPoolCommands(program, context);
  addTenantsCommand(program, context);
  addServiceCommands(program, context);
  addProvidersCommand(program, context);
  addDoctorCommand(program, context);
  addGuardCommand(program, context);
  return program;
}
