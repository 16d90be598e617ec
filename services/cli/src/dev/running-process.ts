/** A process that was started, whatever runs in it. */
export interface RunningProcess {
  readonly pid: number;
  /** Resolves when it serves. Rejects with the end of its log when it ends before. */
  readonly ready: Promise<void>;
  /** Resolves when it is gone, with how it ended: "exit code 1", "signal SIGKILL". */
  readonly exited: Promise<string>;
  /** The last lines of its log, in words for people. */
  logTail(): string;
  /** Asks it to drain and end. Safe to call twice. */
  stop(): void;
  /** Ends it at once. Safe to call twice. */
  kill(): void;
}

/** Says how a process ended in the words of {@link RunningProcess.exited}. */
export function describeExit(exitCode: number | null, signal: string | null): string {
  return signal === null ? `exit code ${exitCode ?? "unknown"}` : `signal ${signal}`;
}
