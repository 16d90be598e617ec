import type { Clock } from "@sluice/runtime";

/** What a command may touch of the world around it; tests pass their own. */
export interface CliContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where the command was called. */
  readonly folder: string;
  readonly clock: Clock;
  /** Writes to standard output as it is: answers, and nothing else. */
  print(text: string): void;
  /** Writes one line to standard error: progress and hints. */
  note(line: string): void;
}
