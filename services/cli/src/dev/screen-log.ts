import type { LogFields, Logger } from "@sluice/runtime";
import { endingOf } from "../exit-code.ts";

/** A logger for a command that people watch: warnings and errors only, an error as the line every command ends with. */
export function screenLog(note: (line: string) => void): Logger {
  const say = (message: string, fields?: LogFields): void => {
    note(fields?.["err"] === undefined ? message : endingOf(fields["err"]).line);
  };
  const log: Logger = { debug: () => {}, info: () => {}, warn: say, error: say, child: () => log };
  return log;
}
