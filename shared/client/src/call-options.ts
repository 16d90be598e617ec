import {
  checkMetadata,
  checkParameters,
  InferenceError,
  maxTensors,
  type InferenceRequest,
  type Parameters,
} from "@sluice/protocol";
import { describeGiven, isCollection, isRecord } from "./given-value.ts";
import { checkOptionNames, namesOf } from "./option-names.ts";

/** What may be said with one call. */
export interface CallOptions {
  /** Time from the call to its answer (of a stream: to its first frame), in milliseconds; default: the client's. */
  readonly timeoutMs?: number;
  /**
   * Longest wait in the queue, in milliseconds, for models that let calls say it; then the call is refused or goes behind the
   * others, as the model says. Default: the model's.
   */
  readonly queueTimeoutMs?: number;
  /** Gives the call up when it aborts. */
  readonly signal?: AbortSignal;
  /** Order among the requests of its tenant and model, higher first, -100 to 100; default 0. */
  readonly priority?: number;
  /** The caller's own words; at most 16 entries. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** Parameters that the model declares; at most 64 entries. */
  readonly parameters?: Parameters;
  /** Names of the wanted outputs, at most 256; default: all. */
  readonly outputs?: readonly string[];
  /** W3C trace context, passed on. */
  readonly traceparent?: string;
  /**
   * Told the id of the call's request whenever it was published: the one that `sluice explain` asks for. A retry has another id,
   * what is sent again after a takeover the same. What it throws gives the call up.
   */
  readonly onSent?: (requestId: string) => void;
}

/** The part of a request that a caller's options set. */
export type RequestOptions = Pick<
  InferenceRequest,
  "timeoutMs" | "queueTimeoutMs" | "priority" | "metadata" | "parameters" | "outputs" | "traceparent"
>;

const callOptionNames = namesOf<CallOptions>({
  timeoutMs: true,
  queueTimeoutMs: true,
  signal: true,
  priority: true,
  metadata: true,
  parameters: true,
  outputs: true,
  traceparent: true,
  onSent: true,
});

const maxPriority = 100;
const noWords: Readonly<Record<string, never>> = Object.freeze({});
const allOutputs: readonly string[] = Object.freeze([]);

/**
 * Checks that a call's options are options, and none that nobody reads.
 * @throws {InferenceError} `invalidArgument` naming what is wrong.
 */
export function checkCallOptions(options: CallOptions): void {
  if (!isRecord(options)) {
    throw new InferenceError(
      "invalidArgument",
      `the options of the call are ${describeGiven(options)}, expected an object such as { timeoutMs: 5000 }`,
    );
  }
  checkOptionNames(options, callOptionNames);
}

/**
 * Checks a call's options and fills in what they leave out. Callers may use what they gave again, for something else.
 * @throws {InferenceError} `invalidArgument` naming the option, its value and what was expected.
 */
export function toRequestOptions(
  options: CallOptions,
  defaults: { readonly timeoutMs: number },
): RequestOptions {
  const { timeoutMs = defaults.timeoutMs, queueTimeoutMs = 0, priority = 0, traceparent = "" } = options;
  if (options.timeoutMs !== undefined && !isTimeout(timeoutMs))
    throw wrongOption("timeoutMs", timeoutMs, "milliseconds above 0");
  if (options.queueTimeoutMs !== undefined && !isTimeout(queueTimeoutMs)) {
    throw wrongOption("queueTimeoutMs", queueTimeoutMs, "milliseconds above 0");
  }
  if (!Number.isInteger(priority) || Math.abs(priority) > maxPriority) {
    throw wrongOption("priority", priority, "a whole number from -100 to 100");
  }
  if (typeof traceparent !== "string") throw wrongOption("traceparent", traceparent, "a string");
  if (options.onSent !== undefined && typeof options.onSent !== "function") {
    throw wrongOption("onSent", options.onSent, "a function");
  }
  const { signal } = options;
  if (signal !== undefined && typeof signal?.addEventListener !== "function") {
    throw wrongOption("signal", signal, "an AbortSignal");
  }
  const metadata = options.metadata === undefined ? noWords : toMetadata(options.metadata);
  const parameters = options.parameters === undefined ? noWords : toParameters(options.parameters);
  const outputs = options.outputs === undefined ? allOutputs : toNames(options.outputs);
  return { timeoutMs, queueTimeoutMs, priority, metadata, parameters, outputs, traceparent };
}

function toMetadata(metadata: unknown): RequestOptions["metadata"] {
  if (!isRecord(metadata) || isCollection(metadata))
    throw wrongOption("metadata", metadata, "an object of name and string");
  return checkMetadata(metadata, "option metadata");
}

function toParameters(parameters: unknown): Parameters {
  if (!isRecord(parameters) || isCollection(parameters))
    throw wrongOption("parameters", parameters, "an object of name and scalar");
  return checkParameters(parameters, "option parameters");
}

function toNames(outputs: unknown): readonly string[] {
  if (!isNames(outputs)) throw wrongOption("outputs", outputs, `a list of at most ${maxTensors} names`);
  return [...outputs];
}

/** Tells whether `value` can be a timeout: a finite number above 0. */
export function isTimeout(value: unknown): value is number {
  return typeof value === "number" && value > 0 && value < Infinity;
}

/** The error for an option that does not hold what it must. */
export function wrongOption(name: string, value: unknown, expected: string): InferenceError {
  return new InferenceError(
    "invalidArgument",
    `option ${name} is ${describeGiven(value)}, expected ${expected}`,
  );
}

function isNames(value: unknown): value is readonly string[] {
  if (!Array.isArray(value) || value.length > maxTensors) return false;
  // No `every`, which skips holes.
  for (const name of value) if (typeof name !== "string") return false;
  return true;
}
