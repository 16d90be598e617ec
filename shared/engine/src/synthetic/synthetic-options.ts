import type { TensorSpec } from "@sluice/protocol";
import type { Clock, Random } from "@sluice/runtime";

/** What a run does when a row of its first input starts with a certain value. */
export type SyntheticFault = "fail" | "crash" | "hang";

/** One run, as the engine saw it: the truth that tests of fairness compare with. */
export interface SyntheticRun {
  /** On the clock of the engine, in milliseconds; a run ends when its timer was due, not when it fired. */
  readonly startedMs: number;
  readonly endedMs: number;
  /** Rows along the batch axis. */
  readonly items: number;
  /** First element of each row of the first input: whatever the caller put there to know its rows again. */
  readonly tags: readonly number[];
  readonly outcome: "ok" | "failed";
}

export interface SyntheticEngineOptions {
  readonly clock: Clock;
  /** Named in messages; default `synthetic`. */
  readonly name?: string;
  /** Cost of a run, in milliseconds; default 1. */
  readonly alphaMs?: number;
  /** Cost of each item, in milliseconds; default 0. */
  readonly betaMs?: number;
  /** Cost of each token, in milliseconds; default 0. Tokens are items times the second axis, so padding costs too. */
  readonly perTokenMs?: number;
  /** Runs take up to this part more or less than computed, evenly spread; 0 (the default) to 1. Needs `random`. */
  readonly noiseRatio?: number;
  /** Source of the noise; default: none. */
  readonly random?: Random;
  /** What the model declares; each input is its own output. Default: `input`, FP32, [-1, -1]. */
  readonly inputs?: readonly TensorSpec[];
  /** Number of token ids of a decoder; 0 (the default): it is none. */
  readonly vocabularySize?: number;
  /**
   * Faults that an input asks for, so that a test can poison a request of a worker in another process: a run with a row that
   * starts with the given value fails, crashes the process, or never ends. Default: none, no value means anything.
   */
  readonly faults?: Readonly<Partial<Record<SyntheticFault, number>>>;
  /** Carries the fault `crash` out; a service passes the end of its process. Default: the run fails. */
  readonly onCrash?: () => void;
  /** Told of each run when it ends. */
  readonly onRun?: (run: SyntheticRun) => void;
}

/** {@link SyntheticEngineOptions} with every default filled in. */
export type SyntheticSettings = Required<SyntheticEngineOptions>;

const defaultInputs: readonly TensorSpec[] = [{ name: "input", datatype: "FP32", shape: [-1, -1] }];

export function toSyntheticSettings(options: SyntheticEngineOptions): SyntheticSettings {
  return {
    name: "synthetic",
    alphaMs: 1,
    betaMs: 0,
    perTokenMs: 0,
    noiseRatio: 0,
    random: () => 0.5,
    inputs: defaultInputs,
    vocabularySize: 0,
    faults: {},
    onCrash: () => {},
    onRun: () => {},
    ...options,
  };
}
