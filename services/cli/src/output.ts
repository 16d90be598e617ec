import { exitCodes } from "./exit-code.ts";
import { isErrno } from "./process-alive.ts";

/** Where a command writes: answers to standard output, all else to standard error. */
export interface Output {
  /** Writes to standard output as it is. */
  print(text: string): void;
  /** Writes one line to standard error. */
  note(line: string): void;
  /** Resolves when everything was taken, so that the process may end. */
  flushed(): Promise<void>;
}

interface OutputStream {
  write(text: string, onTaken?: () => void): unknown;
  on(event: "error", listener: (error: Error) => void): unknown;
}

/** The part of `process` that {@link createOutput} touches; tests give their own. */
export interface OutputProcess {
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  exit(exitCode: number): void;
}

/**
 * Writes for a command, and ends it at once when what it prints goes nowhere: with 0 when the reader has left, as in `| head -1`,
 * with 1 and one line when standard output cannot be written.
 */
export function createOutput(host: OutputProcess): Output {
  const note = (line: string): void => void host.stderr.write(`${line}\n`);
  host.stdout.on("error", (error) => {
    if (isErrno(error, "EPIPE")) {
      host.exit(exitCodes.ok);
      return;
    }
    note(`error: unavailable: standard output cannot be written (${error.message})`);
    host.exit(exitCodes.failure);
  });
  // Nowhere is left to say it; what the command prints is not less worth for it.
  host.stderr.on("error", () => {});
  return {
    print: (text) => void host.stdout.write(text),
    note,
    flushed: async () => {
      await Promise.all([taken(host.stdout), taken(host.stderr)]);
    },
  };
}

function taken(stream: OutputStream): Promise<void> {
  return new Promise((resolve) => void stream.write("", () => resolve()));
}
