import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import type { Logger } from "@sluice/runtime";

/** As many lines as a failed start needs to explain itself. */
const tailLineCount = 20;

/** What a server tells in its log. */
export interface ServerLog {
  /** `host:port` that clients connect to. Resolves when the server is ready; stays pending if it never is. */
  readonly listening: Promise<string>;
  /** `host:port` of its counters, "" without monitoring. Known once the server is ready. */
  monitoring(): string;
  /** The version the server says it has, "" before it did. */
  version(): string;
  /** Why the server gave up, as it said itself; else the last lines. */
  lastWords(): string;
}

/**
 * Follows a server's log: finds out where it listens and passes the lines on, warnings as warnings.
 * The log is read, not polled for a ports file, so that a ready server is known at once. The lines are the same in 2.9.10 and 2.15.1.
 */
export function followServerLog(stream: Readable, log: Logger): ServerLog {
  const lines: string[] = [];
  const faults: string[] = [];
  let version = "";
  let address = "";
  let monitoring = "";
  const listening = new Promise<string>((resolve) => {
    createInterface({ input: stream }).on("line", (line) => {
      lines.push(line);
      if (lines.length > tailLineCount) lines.shift();
      version ||= /\[INF\]\s+Version:\s+(\S+)/.exec(line)?.[1] ?? "";
      monitoring ||= /Starting http monitor on (\S+)$/.exec(line)?.[1] ?? "";
      address ||= /Listening for client connections on (\S+)$/.exec(line)?.[1] ?? "";
      const fault = /\[(?:ERR|FTL)\] (.+)$/.exec(line)?.[1];
      if (fault !== undefined && faults.length < tailLineCount) faults.push(fault);
      if (address !== "" && line.endsWith("Server is ready")) resolve(address);
      if (/\[(WRN|ERR|FTL)\]/.test(line)) log.warn("nats-server warned", { line });
      else log.debug("nats-server logged", { line });
    });
  });
  return {
    listening,
    monitoring: () => monitoring,
    version: () => version,
    lastWords: () => (faults.length > 0 ? faults : lines).join("\n"),
  };
}
