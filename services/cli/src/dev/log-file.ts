import { appendFileSync } from "node:fs";

/** The file that keeps the whole log of one process of the stack. */
export interface LogFile {
  /** Appends a line. One that cannot be written is left out: a full disk must not end what is served. */
  write(line: string): void;
}

/**
 * Names a log file; its first line makes it. Lines are on the disk when `write` returns, so that the last ones of a process that
 * failed are there too.
 *
 * @param onFailed - told when a line cannot be written, and not again before one was.
 */
export function createLogFile(path: string, onFailed: (error: unknown) => void): LogFile {
  let isFailing = false;
  return {
    write(line) {
      try {
        appendFileSync(path, `${line}\n`);
        isFailing = false;
      } catch (error) {
        if (!isFailing) onFailed(error);
        isFailing = true;
      }
    },
  };
}
