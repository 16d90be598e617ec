import { join } from "node:path";
import { resolveNatsServer, startNatsServerProcess, type DownloadProgress } from "@sluice/nats-server";
import { createLogger, type Clock } from "@sluice/runtime";
import type { CliContext } from "../cli-context.ts";
import { checkServer } from "../check-server.ts";
import type { ServerAddress } from "../find-server.ts";
import type { LogFile } from "./log-file.ts";
import type { DevPlan } from "./plan.ts";
import { runningServer } from "./server-process.ts";
import type { Stack } from "./stack.ts";

const name = "nats-server";
/** Lines of a download that come faster than this are left out. */
const downloadReportMs = 1000;

export interface StartServerOptions {
  readonly context: CliContext;
  readonly plan: DevPlan;
  readonly stack: Stack;
  /** Ends the search for a binary. */
  readonly shutdown: AbortSignal;
  logFileOf(name: string): LogFile;
  showLine(name: string, line: string): void;
  progress(name: string, text: string): void;
}

/** Makes sure that a NATS server runs: the one of `NATS_URL`, or one of our own on the loopback address. */
export async function startServer(options: StartServerOptions): Promise<ServerAddress> {
  const { context, plan, stack, showLine, progress } = options;
  const { clock, env } = context;
  if (plan.natsUrl !== undefined) {
    progress(name, "using the server of NATS_URL");
    await checkServer(context);
    return { url: plan.natsUrl, isOfDev: false };
  }
  const logFile = options.logFileOf(name);
  const log = createLogger({
    service: name,
    level: "debug",
    write(text) {
      const line = text.trimEnd();
      logFile.write(line);
      showLine(name, line);
    },
  });
  progress(name, "looking for a binary");
  const binary = await resolveNatsServer({
    env,
    log,
    clock,
    signal: options.shutdown,
    onProgress: reportDownload({ clock, progress: (text) => progress(name, text) }),
  });
  let url = "";
  // Started again it must listen where it did before: that is where everybody tries to reconnect.
  let port = plan.port ?? -1;
  await stack.start(name, async () => {
    const storeFolder = join(plan.dataFolder, name);
    const server = await startNatsServerProcess({ binary: binary.path, storeFolder, port, log, clock });
    url = server.url;
    port = Number(new URL(url).port);
    return runningServer(server);
  });
  progress(name, `${binary.version} listens on ${url}`);
  return { url, isOfDev: true };
}

function reportDownload(options: {
  readonly clock: Clock;
  progress(text: string): void;
}): (download: DownloadProgress) => void {
  const { clock, progress } = options;
  let reportedMs = Number.NEGATIVE_INFINITY;
  return ({ url, receivedBytes, totalBytes }) => {
    const nowMs = clock.monotonicMs();
    if (nowMs - reportedMs < downloadReportMs && receivedBytes !== totalBytes) return;
    reportedMs = nowMs;
    const total = totalBytes === undefined ? "" : ` of ${megabytes(totalBytes)}`;
    progress(`downloading ${url}: ${megabytes(receivedBytes)}${total}`);
  };
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
