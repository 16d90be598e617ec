import { runService } from "@sluice/runtime";
import type { CliContext } from "../cli-context.ts";
import { endingOf, exitCodes } from "../exit-code.ts";
import { createLogFolder } from "../data-folder.ts";
import { claimDataFolder } from "./claim.ts";
import { removeDevState } from "./dev-state.ts";
import { planDev, type DevFlags } from "./plan.ts";
import { progressLine } from "./progress.ts";
import { screenLog } from "./screen-log.ts";
import { serveDev } from "./serve-dev.ts";
import { createStack } from "./stack.ts";
import { startGuard } from "./start-guard.ts";

/** What services are told about how long they may drain, in milliseconds: an inference of some seconds can still end. */
const serviceDrainTimeoutMs = 8000;
/** When a service is killed that did not keep to it; a dispatcher takes 5 s more for giving its pools away. */
const drainTimeoutMs = 15_000;
/** For all four, one after the other, in milliseconds. */
const totalDrainTimeoutMs = 4 * drainTimeoutMs;

/** Runs `sluice dev` until SIGINT or SIGTERM, and ends the process. */
export async function runDev(context: CliContext, flags: DevFlags): Promise<void> {
  const { clock } = context;
  const plan = planDev(context, flags);
  const logFolder = createLogFolder(plan.dataFolder);
  const progress = (name: string, text: string): void => context.print(`${progressLine(name, text)}\n`);
  const onLost = (reason: string): void => progress("guard", `ended unasked (${reason})`);
  const guard = startGuard({ drainTimeoutMs, onLost });
  const claim = claimDataFolder(plan.dataFolder, { pid: process.pid, guardPid: guard.pid });
  const stack = createStack({ clock, guard, drainTimeoutMs, progress });
  let failureCode: number = exitCodes.failure;
  const host = {
    on: process.on.bind(process),
    off: process.off.bind(process),
    exit(exitCode: number): void {
      stack.kill();
      removeDevState(plan.dataFolder);
      process.exit(exitCode === exitCodes.ok ? exitCodes.ok : failureCode);
    },
  };
  const log = screenLog((line) => context.note(line));
  await runService({ log, drainTimeoutMs: totalDrainTimeoutMs, clock, process: host }, async (shutdown) => {
    try {
      await serveDev({
        context,
        plan,
        logFolder,
        stack,
        shutdown,
        serviceDrainTimeoutMs,
        progress,
        verbose: flags.verbose === true,
      });
    } catch (error) {
      failureCode = endingOf(error).exitCode;
      throw error;
    } finally {
      // Nothing of the stack is left here. Where the process ends in haste, the guard may still be stopping it, and holds the claim.
      claim.release();
    }
  });
}
