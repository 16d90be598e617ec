import { z } from "zod";
import type { KeptProcessEvent } from "./kept-process.ts";

const nameWidth = 13;

/** One line of progress: who, and what it does. */
export function progressLine(name: string, text: string): string {
  return `${name.padEnd(nameWidth)} ${text}`;
}

/** Says an event of a process in words for people; "" for what nobody needs to read. */
export function describeEvent(event: KeptProcessEvent): string {
  switch (event.type) {
    case "starting":
      return "starting";
    case "started":
      return "";
    case "ready":
      return `ready after ${seconds(event.startMs)} (process ${event.pid})`;
    case "ended":
      return `ended unasked with ${event.reason}; starting it again in ${event.restartDelayMs} ms`;
    case "gaveUp":
      return `ended with ${event.reason}; not started again, it ended too often`;
    case "draining":
      return "draining";
    case "killed":
      return `killed: it did not drain within ${seconds(event.drainTimeoutMs)}`;
    case "stopped":
      return "stopped";
  }
}

/** A duration for people. */
export function seconds(durationMs: number): string {
  return `${(durationMs / 1000).toFixed(1)} s`;
}

const logLine = z.looseObject({ level: z.string(), msg: z.string() });
/** What the supervisor says itself, or nobody reads while all is well; it is in the log file. */
const silentMessages = new Set([
  "configuration read",
  "nats connected",
  "nats connection closed",
  "service state changed",
  "service stopped",
  "shutdown requested",
  "status served",
]);
/** Longest text of a field that is shown, in characters: what is the matter may be said with more words than that all is well. */
const shownLength = { info: 60, problem: 240 } as const;
/** Fields that are on every line, or that are long; they are in the log file. */
const silentFields = new Set(["level", "time", "msg", "service", "err", "worker", "connection"]);

/**
 * Says a line of a service's log in words for people: its message and its short fields. Debug lines, and lines of info that
 * only repeat what the supervisor says itself, give "". A line that is not JSON is shown as it is.
 */
export function describeLogLine(line: string): string {
  const parsed = logLine.safeParse(parseJson(line));
  if (!parsed.success) return line;
  const { level, msg, err } = parsed.data;
  if (level === "debug" || (level === "info" && silentMessages.has(msg))) return "";
  const maxLength = level === "info" ? shownLength.info : shownLength.problem;
  const fields = Object.entries(parsed.data)
    .filter(([name, value]) => !silentFields.has(name) && isShort(value, maxLength))
    .map(([name, value]) => `${name}=${typeof value === "number" ? Math.round(value) : String(value)}`);
  const reason = errorMessage(err);
  const said = level === "info" ? [msg] : [`${level}:`, msg];
  return [...said, ...(reason === "" ? [] : [`(${reason})`]), ...fields].join(" ");
}

function isShort(value: unknown, maxLength: number): boolean {
  return (
    (typeof value === "string" && value.length <= maxLength) ||
    typeof value === "number" ||
    typeof value === "boolean"
  );
}

function errorMessage(err: unknown): string {
  return z.looseObject({ message: z.string() }).safeParse(err).data?.message ?? "";
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
