import { execFile } from "node:child_process";
import { InferenceError } from "@sluice/protocol";
import type { Environment } from "@sluice/runtime";

export interface CommandOptions {
  readonly timeoutMs: number;
  /** Folder it runs in. Default: this process's. */
  readonly folder?: string;
}

/**
 * Runs a command to its end and resolves with what it wrote to standard output.
 * @throws {InferenceError} `unavailable` saying in one line why, when it is missing, fails or takes too long.
 */
export type RunCommand = (
  command: readonly [file: string, ...commandArguments: string[]],
  options: CommandOptions,
) => Promise<string>;

export interface RunCommandOptions {
  readonly env: Environment;
  /** Ends the command that runs; the call rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** Creates the {@link RunCommand} that runs real commands. Their messages are in plain English, so that they can be read. */
export function createRunCommand({ env, signal }: RunCommandOptions): RunCommand {
  return async ([file, ...commandArguments], { timeoutMs, folder }) =>
    new Promise((resolve, reject) => {
      const options = {
        timeout: timeoutMs,
        signal,
        cwd: folder,
        env: { ...env, LC_ALL: "C" },
        windowsHide: true,
      };
      execFile(file, commandArguments, options, (error, output, errorOutput) => {
        if (error === null) {
          resolve(output);
          return;
        }
        if (signal?.aborted === true) {
          reject(signal.reason);
          return;
        }
        const lastLine = errorOutput.trim().split("\n").at(-1);
        const reason =
          error.code === "ENOENT"
            ? `there is no command ${file}`
            : error.killed === true
              ? `${file} took longer than ${timeoutMs} ms`
              : `${file} failed: ${lastLine || error.message}`;
        reject(new InferenceError("unavailable", reason, { cause: error }));
      });
    });
}
