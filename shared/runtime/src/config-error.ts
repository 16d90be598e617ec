/** One setting that is wrong. */
export interface ConfigProblem {
  /** Name of the environment variable; "" when the problem lies between several. */
  readonly variable: string;
  /** What was given, `[redacted]` where it may hold a secret; `undefined` if nothing was. */
  readonly given: string | undefined;
  /** The form that was expected, with its unit. */
  readonly expected: string;
}

/** Says that the environment does not configure the process, and lists every problem at once. */
export class ConfigError extends Error {
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    super(["the configuration is wrong:", ...problems.map(toLine)].join("\n  "));
    this.name = "ConfigError";
    this.problems = problems;
  }
}

function toLine({ variable, given, expected }: ConfigProblem): string {
  if (variable === "") return expected;
  return given === undefined
    ? `${variable} is not set: ${expected}`
    : `${variable}=${JSON.stringify(given)}: ${expected}`;
}
