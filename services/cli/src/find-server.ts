import type { CliContext } from "./cli-context.ts";
import { dataFolder } from "./data-folder.ts";
import { readDevState } from "./dev/dev-state.ts";

const defaultServer = "nats://127.0.0.1:4222";

/** A NATS server, or some of one cluster. */
export interface ServerAddress {
  /** URLs, separated by commas. */
  readonly url: string;
  /** Whether a `sluice dev` started it, rather than found it. */
  readonly isOfDev: boolean;
}

/** Which NATS server a command talks to, and where that was said. */
export interface FoundServer extends ServerAddress {
  readonly source: "--nats" | "NATS_URL" | "sluice dev" | "default";
}

/** Finds the NATS server: `--nats`, else `NATS_URL`, else the `sluice dev` that runs in this project, else port 4222 of this machine. */
export function findServer(
  context: Pick<CliContext, "env" | "folder">,
  options: { readonly nats?: string | undefined },
): FoundServer {
  if (options.nats !== undefined) return { url: options.nats, source: "--nats", isOfDev: false };
  const fromEnvironment = context.env["NATS_URL"];
  if (fromEnvironment !== undefined && fromEnvironment !== "")
    return { url: fromEnvironment, source: "NATS_URL", isOfDev: false };
  const running = readDevState(dataFolder(context));
  if (running !== undefined) return { url: running.url, source: "sluice dev", isOfDev: running.isOfDev };
  return { url: defaultServer, source: "default", isOfDev: false };
}

/** What to do when nothing answers there. */
export function serverHint({ source }: FoundServer): string {
  return source === "default"
    ? "no `sluice dev` runs in this project: start one with `npm start`, or name a server with --nats or NATS_URL"
    : `the address came from ${source}`;
}
