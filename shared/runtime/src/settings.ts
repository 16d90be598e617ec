import type { z } from "zod";
import { ConfigError, type ConfigProblem } from "./config-error.ts";

/** The environment of a process. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Variables whose value is never shown, by the last word of their name. */
const secretName = /(^|_)(SECRET|PASSWORD|TOKEN|KEY|KEYS|SEED|CREDENTIALS)$/;

/**
 * Reads a configuration: `schema` is a zod object whose keys are environment variables. A variable that is set to the empty
 * text counts as not set. The result is frozen. Build the schema from the pieces in `setting-pieces.ts`, whose messages name
 * form and unit, and `.default(…)`.
 * @throws {ConfigError} when a variable is wrong or missing; lists every problem.
 */
export function readSettings<Schema extends z.ZodObject>(
  schema: Schema,
  environment: Environment,
): Readonly<z.output<Schema>> {
  const given = Object.fromEntries(
    Object.keys(schema.shape)
      .map((name) => [name, environment[name]] as const)
      .filter(([, value]) => value !== undefined && value !== ""),
  );
  const result = schema.safeParse(given);
  if (result.success) return Object.freeze(result.data);
  throw new ConfigError(result.error.issues.map((issue) => toProblem(issue, environment)));
}

function toProblem(issue: z.core.$ZodIssue, environment: Environment): ConfigProblem {
  const variable = issue.path.length === 0 ? "" : String(issue.path[0]);
  const value = environment[variable];
  return {
    variable,
    given: value === undefined || value === "" ? undefined : redact(variable, value),
    expected: issue.message,
  };
}

function redact(variable: string, value: string): string {
  if (secretName.test(variable)) return "[redacted]";
  // All before the last @: a password may have any character, and a URL that is wrong need not begin as one.
  return value.replace(/^(\w+:\/\/)?.*@/su, "$1[redacted]@");
}
