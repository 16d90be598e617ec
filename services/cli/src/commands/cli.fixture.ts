import { systemClock } from "@sluice/runtime";
import { startNatsServer } from "@sluice/testing";
import { createProgram } from "../program.ts";

/** What a command wrote to standard output and to standard error. */
export interface Written {
  readonly output: string;
  readonly notes: readonly string[];
}

/** Runs one line of the `sluice` command in this process. */
export async function runLine(url: string, line: string): Promise<Written> {
  let output = "";
  const notes: string[] = [];
  const program = createProgram({
    env: { NATS_URL: url },
    folder: "/nowhere",
    clock: systemClock,
    print: (text) => {
      output += text;
    },
    note: (text) => void notes.push(text),
  });
  await program.parseAsync(["node", "sluice", ...line.split(" ")]);
  return { output, notes };
}

export interface Cli extends AsyncDisposable {
  readonly url: string;
  run(line: string): Promise<Written>;
  /** What a line prints with `--json`. */
  json(line: string): Promise<unknown>;
}

/** The command beside a server of its own. */
export async function startCli(): Promise<Cli> {
  const server = await startNatsServer();
  const run = (line: string): Promise<Written> => runLine(server.url, line);
  return {
    url: server.url,
    run,
    json: async (line) => JSON.parse((await run(`${line} --json`)).output),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}
