import { execFile } from "node:child_process";

/** How a command ended. */
export interface CommandResult {
  readonly succeeded: boolean;
  /** What it wrote to standard output. */
  readonly output: string;
  /** Why it failed, in one line; "" if it succeeded. */
  readonly reason: string;
}

export interface CommandOptions {
  readonly timeoutMs: number;
  /** Folder it runs in. Default: this process's. */
  readonly folder?: string;
}

/** Runs a command to its end. Never rejects: a command that is missing, fails or takes too long says so in its result. */
export type RunCommand = (
  command: readonly [string, ...string[]],
  options: CommandOptions,
) => Promise<CommandResult>;

/** Creates the {@link RunCommand} that runs real commands with this environment, in the language that scripts can read. */
export function createRunCommand(env: Readonly<Record<string, string | undefined>>): RunCommand {
  return async ([file, ...commandArguments], { timeoutMs, folder }) =>
    new Promise((resolve) => {
      execFile(
        file,
        commandArguments,
        { timeout: timeoutMs, cwd: folder, env: { ...env, LC_ALL: "C" }, windowsHide: true },
        (error, output, errorOutput) => {
          if (error === null) {
            resolve({ succeeded: true, output, reason: "" });
          } else if (error.code === "ENOENT") {
            resolve({ succeeded: false, output, reason: `there is no command ${file}` });
          } else if (error.killed === true) {
            resolve({ succeeded: false, output, reason: `${file} took longer than ${timeoutMs} ms` });
          } else {
            const lastLine = errorOutput.trim().split("\n").at(-1);
            resolve({ succeeded: false, output, reason: `${file} failed: ${lastLine || error.message}` });
          }
        },
      );
    });
}
