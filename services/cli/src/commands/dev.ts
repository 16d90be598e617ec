import { runService } from "@sluice/runtime";
import type { Command } from "commander";
import type { CliContext } from "../cli-context.ts";
import { screenLog } from "../dev/screen-log.ts";
import { planDev } from "../dev/plan.ts";
import { serveDev } from "../dev/serve-dev.ts";
import { startGuard } from "../dev/start-guard.ts";
import { createStack } from "../dev/stack.ts";
import { progressLine } from "../dev/progress.ts";
import { parsePort } from "../parse-option.ts";

interface DevFlags {
  readonly models?: string;
  readonly port?: number;
  readonly verbose?: boolean;
}

/** What services are told about how long they may drain: an inference of some seconds can still end. */
const serviceDrainTimeoutMs = 8000;
/** When a service that did not keep to it is killed. */
const drainTimeoutMs = 10_000;
/** For all four, one after the other, and the moment between a kill and its report. */
const totalDrainTimeoutMs = 45_000;

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
    .action(async (flags: DevFlags) => runDev(context, flags));
}

async function runDev(context: CliContext, flags: DevFlags): Promise<void> {
  const plan = planDev(context, flags);
  const progress = (name: string, text: string): void => context.print(`${progressLine(name, text)}\n`);
  const guard = startGuard({
    drainTimeoutMs,
    onLost: (reason) => progress("guard", `ended unasked (${reason})`),
  });
  const stack = createStack({ clock: context.clock, guard, drainTimeoutMs, progress });
  const host = {
    on: process.on.bind(process),
    off: process.off.bind(process),
    exit(exitCode: number): void {
      stack.kill();
      process.exit(exitCode);
    },
  };
  const log = screenLog((line) => context.note(line));
  await runService(
    { log, drainTimeoutMs: totalDrainTimeoutMs, clock: context.clock, process: host },
    (shutdown) =>
      serveDev({
        context,
        plan,
        stack,
        progress,
        shutdown,
        serviceDrainTimeoutMs,
        verbose: flags.verbose === true,
      }),
  );
}
