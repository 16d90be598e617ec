import { join } from "node:path";
import type { CliContext } from "../cli-context.ts";
import { readLogin } from "../read-login.ts";
import { removeDevState, writeDevState } from "./dev-state.ts";
import { createLogFile, type LogFile } from "./log-file.ts";
import { nextSteps } from "./next-steps.ts";
import type { DevPlan } from "./plan.ts";
import { describeLogLine } from "./progress.ts";
import { selfCheck } from "./self-check.ts";
import { planServices } from "./service-plan.ts";
import { startServiceProcess } from "./service-process.ts";
import type { Stack } from "./stack.ts";
import { startServer } from "./start-server.ts";

export interface ServeDevOptions {
  readonly context: CliContext;
  readonly plan: DevPlan;
  /** Where the services' logs go. */
  readonly logFolder: string;
  readonly stack: Stack;
  /** Asks for the end. */
  readonly shutdown: AbortSignal;
  /** What the services are told about how long they may drain, in milliseconds. */
  readonly serviceDrainTimeoutMs: number;
  /** Whether the services' logs are shown whole. */
  readonly verbose: boolean;
  progress(name: string, text: string): void;
}

/** Starts the stack, proves that it answers, and serves until `shutdown`. Leaves no process, whatever happens. */
export async function serveDev(options: ServeDevOptions): Promise<void> {
  const { plan, stack, shutdown } = options;
  const serving = serve(options);
  // A start that is interrupted ends by itself: its waits follow `shutdown`, and a stack that is being stopped starts nothing.
  serving.catch(() => {});
  try {
    await Promise.race([serving.then(() => stack.failed), aborted(shutdown), stack.failed]);
  } finally {
    await stack.stop();
    removeDevState(plan.dataFolder);
  }
}

async function serve(options: ServeDevOptions): Promise<void> {
  const { context, plan, logFolder, stack, shutdown, verbose, progress } = options;

  const showLine = (name: string, line: string): void => {
    const text = verbose ? line : describeLogLine(line);
    if (text !== "") progress(name, text);
  };
  const logFileOf = (name: string): LogFile => {
    const path = join(logFolder, `${name}.log`);
    return createLogFile(path, (error) =>
      progress(name, `warn: ${path} cannot be written (${reasonOf(error)})`),
    );
  };
  const server = await startServer({ context, plan, stack, shutdown, logFileOf, showLine, progress });
  const services = await planServices({
    context,
    plan,
    server,
    drainTimeoutMs: options.serviceDrainTimeoutMs,
  });
  await Promise.all(
    services.map(async ({ name, entry, env, statusUrl }) =>
      stack.start(name, async () =>
        startServiceProcess({
          name,
          entry,
          env,
          statusUrl,
          logFile: logFileOf(name),
          clock: context.clock,
          onLogLine: (line) => showLine(name, line),
        }),
      ),
    ),
  );
  const statusUrls = Object.fromEntries(services.map(({ name, statusUrl }) => [name, statusUrl]));
  writeDevState(plan.dataFolder, { pid: process.pid, ...server, statusUrls });
  const models = await selfCheck({
    url: server.url,
    login: readLogin(context.env, server),
    clock: context.clock,
    signal: shutdown,
    progress,
  });
  context.print(nextSteps({ url: server.url, models, dataFolder: plan.dataFolder }));
}

/** Resolves when the signal aborts. */
async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
