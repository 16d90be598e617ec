import { ConfigError } from "./config-error.ts";

/** The part of `process` that {@link readOrExit} touches; tests give their own. */
export interface ExitProcess {
  readonly stderr: { write(text: string): unknown };
  exit(code: number): never;
}

/** What a process ends with that was not configured well, so that whoever runs it does not start it again and again. */
const configExitCode = 2;

/** Reads the configuration of a process; when it is wrong, prints every problem and exits 2. For the first line of a `main.ts`. */
export function readOrExit<Config>(read: () => Config, host: ExitProcess = process): Config {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    host.stderr.write(`${error.message}\n`);
    return host.exit(configExitCode);
  }
}
