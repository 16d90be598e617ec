import { InferenceError } from "@sluice/protocol";

/** The options of `set`, as they are given. */
export interface RecordFlags {
  readonly weight?: string;
  readonly group?: string;
  readonly class?: string;
  readonly minShare?: string;
  readonly maxInFlight?: string;
  readonly maxQueueSeconds?: string;
  readonly rateMsPerSecond?: string;
  readonly burstMs?: string;
  readonly dailyBudgetSeconds?: string;
  readonly monthlyBudgetSeconds?: string;
  readonly models?: string;
  readonly unknownTenants?: string;
  /** Names of options whose fields are taken back to their defaults. */
  readonly unset?: string;
}

/** The field of a record that each option writes. */
const fieldOf = {
  weight: "weight",
  group: "group",
  class: "class",
  "min-share": "minShare",
  "max-in-flight": "maxInFlight",
  "max-queue-seconds": "maxQueueSeconds",
  "rate-ms-per-second": "rateMsPerSecond",
  "burst-ms": "burstMs",
  "daily-budget-seconds": "dailyBudgetSeconds",
  "monthly-budget-seconds": "monthlyBudgetSeconds",
  models: "models",
  "unknown-tenants": "unknownTenants",
} as const;

/** An option of `set`, without its dashes. */
export type FieldOption = keyof typeof fieldOf;

/** How the text of each field is read. Whether the value fits is for the codec of the record, whose refusal shows it. */
const valueOf: Readonly<Record<(typeof fieldOf)[FieldOption], (text: string) => unknown>> = {
  weight: toNumber,
  group: (text) => text,
  class: (text) => text,
  minShare: toNumber,
  maxInFlight: toNumber,
  maxQueueSeconds: toNumber,
  rateMsPerSecond: toNumber,
  burstMs: toNumber,
  dailyBudgetSeconds: toNumber,
  monthlyBudgetSeconds: toNumber,
  models: toNames,
  unknownTenants: (text) => text,
};

/**
 * The fields that the flags change; `undefined` = back to the default. What was not said is not in there.
 * @throws {InferenceError} `invalidArgument` when `--unset` names what is no option in `options`, or one that is given.
 */
export function toChanges(
  flags: RecordFlags,
  options: readonly FieldOption[],
): Readonly<Record<string, unknown>> {
  const changes: Record<string, unknown> = {};
  for (const option of options) {
    const field = fieldOf[option];
    const text = flags[field];
    if (text !== undefined) changes[field] = valueOf[field](text);
  }
  for (const name of flags.unset === undefined ? [] : toNames(flags.unset)) {
    const option = options.find((candidate) => candidate === name);
    if (option === undefined) throw wrongUnset(name, `expected some of ${options.join(", ")}`);
    if (fieldOf[option] in changes) throw wrongUnset(name, `which is set by --${name} too`);
    changes[fieldOf[option]] = undefined;
  }
  return changes;
}

function wrongUnset(name: string, reason: string): InferenceError {
  return new InferenceError("invalidArgument", `--unset names ${JSON.stringify(name)}, ${reason}`);
}

/** A number where the text is one, else the text itself, so that a refusal shows what was given. */
function toNumber(text: string): number | string {
  const value = Number(text);
  return text.trim() !== "" && Number.isFinite(value) ? value : text;
}

function toNames(text: string): readonly string[] {
  return text.split(",").map((name) => name.trim());
}
