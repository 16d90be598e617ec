import { inspect } from "node:util";
import {
  checkMetadata,
  checkParameters,
  InferenceError,
  maxTensors,
  type InferenceRequest,
  type Parameters,
} from "@sluice/protocol";

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

const maxPriority = 100;
const noWords: Readonly<Record<string, never>> = Object.freeze({});
const allOutputs: readonly string[] = Object.freeze([]);

/**
 * Checks a call's options and fills in what they leave out.
 * @throws {InferenceError} `invalidArgument` naming the option, its value and what was expected.
 */
export function toRequestOptions(
  options: CallOptions,
  defaults: { readonly timeoutMs: number },
): RequestOptions {
  const timeoutMs = options.timeoutMs ?? defaults.timeoutMs;
  const queueTimeoutMs = options.queueTimeoutMs ?? 0;
  const priority = options.priority ?? 0;
  const metadata = options.metadata ?? noWords;
  const parameters = options.parameters ?? noWords;
  const outputs = options.outputs ?? allOutputs;
  const traceparent = options.traceparent ?? "";
  if (options.timeoutMs !== undefined && !isTimeout(timeoutMs))
    throw wrongOption("timeoutMs", timeoutMs, "milliseconds above 0");
  if (options.queueTimeoutMs !== undefined && !isTimeout(queueTimeoutMs)) {
    throw wrongOption("queueTimeoutMs", queueTimeoutMs, "milliseconds above 0");
  }
  if (!Number.isInteger(priority) || Math.abs(priority) > maxPriority) {
    throw wrongOption("priority", priority, "a whole number from -100 to 100");
  }
  if (metadata !== noWords) checkMetadata(metadata, "option metadata");
  if (parameters !== noWords) checkParameters(parameters, "option parameters");
  if (!isNames(outputs)) {
    throw wrongOption("outputs", outputs, `a list of at most ${maxTensors} names`);
  }
  if (typeof traceparent !== "string") throw wrongOption("traceparent", traceparent, "a string");
  if (options.onSent !== undefined && typeof options.onSent !== "function") {
    throw wrongOption("onSent", options.onSent, "a function");
  }
  const { signal } = options;
  if (signal !== undefined && typeof signal?.addEventListener !== "function") {
    throw wrongOption("signal", signal, "an AbortSignal");
  }
  return { timeoutMs, queueTimeoutMs, priority, metadata, parameters, outputs, traceparent };
}

/** Tells whether `value` can be a timeout: a finite number above 0. */
export function isTimeout(value: unknown): value is number {
  return typeof value === "number" && value > 0 && value < Infinity;
}

/** The error for an option that does not hold what it must. */
export function wrongOption(name: string, value: unknown, expected: string): InferenceError {
  const given = inspect(value, { depth: 1, breakLength: Infinity });
  return new InferenceError("invalidArgument", `option ${name} is ${given}, expected ${expected}`);
}

function isNames(value: unknown): value is readonly string[] {
  if (!Array.isArray(value) || value.length > maxTensors) return false;
  // No `every`, which skips holes.
  for (const name of value) if (typeof name !== "string") return false;
  return true;
}
