import { InferenceError } from "@sluice/protocol";
import type { Decoder, DecoderStep, StepOutcome, StepRequest } from "../decoder.ts";
import type { Engine, EngineRun, EngineSignature, EngineTensor } from "../engine.ts";
import { checkInputs } from "../input-check.ts";
import { createRunQueue } from "../run-queue.ts";
import { checkRows } from "../step-check.ts";
import { rowTags } from "./row-tags.ts";
import { createSyntheticSteering, type SyntheticControl } from "./synthetic-control.ts";
import {
  type SyntheticEngineOptions,
  type SyntheticFault,
  type SyntheticSettings,
  toSyntheticSettings,
} from "./synthetic-options.ts";

/** An engine that takes a known time and no processor. */
export interface SyntheticEngine extends Engine {
  readonly control: SyntheticControl;
}

/**
 * Creates an engine whose runs take `alphaMs + betaMs * items + perTokenMs * tokens` milliseconds of a timer and give back
 * their inputs, each as the output of the same name. It stands in for a device of known speed in tests, benchmarks and demos.
 *
 * With a vocabulary it is a decoder too: a step takes as long as a run of as many items and tokens, and gives each row its
 * last token plus one.
 *
 * What a timer fires late (or early: timers count whole milliseconds) is taken off the next run, so that over many runs the
 * engine is exactly as fast as it says, however short they are.
 */
export function createSyntheticEngine(options: SyntheticEngineOptions): SyntheticEngine {
  const settings = toSyntheticSettings(options);
  const { name, clock, inputs: specs, vocabularySize } = settings;
  const queue = createRunQueue(name);
  const steering = createSyntheticSteering();
  const signature: EngineSignature = {
    inputs: specs,
    outputs: specs,
    hasBatchAxis: specs.every((spec) => spec.shape[0] === -1),
  };
  // Reading them costs more than a short run; most engines neither tell anybody nor look for faults.
  const needsTags = options.onRun !== undefined || Object.keys(settings.faults).length > 0;
  let lateMs = 0;

  /** Lets the time of a run pass; gives when it started and when it ended. */
  async function pass(size: RunSize, hangs: boolean): Promise<{ startedMs: number; endedMs: number }> {
    const startedMs = clock.monotonicMs() - lateMs;
    const dueMs = startedMs + durationMs(settings, size);
    const waitMs = dueMs - clock.monotonicMs();
    if (waitMs > 0) await clock.sleep(waitMs);
    const firedMs = clock.monotonicMs();
    lateMs = firedMs - dueMs;
    await steering.held(hangs);
    return { startedMs, endedMs: dueMs + (clock.monotonicMs() - firedMs) };
  }

  async function compute(inputs: readonly EngineTensor[]): Promise<EngineRun> {
    checkInputs(signature, inputs);
    const first = inputs.find((input) => input.name === specs[0]?.name);
    const tags = needsTags ? rowTags(first) : [];
    const items = signature.hasBatchAxis ? (first?.shape[0] ?? 1) : 1;
    const fault = steering.takeFailure() ? "fail" : askedFault(settings, tags);
    const outputs = inputs.map(({ name: input, datatype, shape, buffer }) => ({
      name: input,
      datatype,
      shape,
      buffer: takeOver(buffer),
    }));
    const size = { items, tokens: items * (first?.shape[1] ?? 1) };
    const { startedMs, endedMs } = await pass(size, fault === "hang");

    if (fault === "crash") settings.onCrash();
    const isFailed = fault === "fail" || fault === "crash";
    settings.onRun({ startedMs, endedMs, items, tags, outcome: isFailed ? "failed" : "ok" });
    if (isFailed) throw askedFailure(name);
    return { outputs, inferenceMs: endedMs - startedMs, transferMs: 0 };
  }

  async function decode({ rows }: StepRequest): Promise<DecoderStep> {
    checkRows(rows);
    if (rows.length === 0) return { outcomes: [], inferenceMs: 0, transferMs: 0 };
    const tags = rows.map(({ tokens }) => tokens[0] ?? 0);
    const isFailed = steering.takeFailure();
    const fault = askedFault(settings, tags);
    const tokens = rows.reduce((total, row) => total + row.tokens.length, 0);
    const { startedMs, endedMs } = await pass({ items: rows.length, tokens }, fault === "hang");

    if (fault === "crash") settings.onCrash();
    settings.onRun({ startedMs, endedMs, items: rows.length, tags, outcome: isFailed ? "failed" : "ok" });
    const inferenceMs = endedMs - startedMs;
    const outcomes = rows.map(({ tokens }): StepOutcome => {
      if (isFailed || tokens[0] === settings.faults.fail)
        return { kind: "failed", error: askedFailure(name) };
      const token = ((tokens.at(-1) ?? 0) + 1) % vocabularySize;
      return { kind: "token", token, inferenceMs: inferenceMs / rows.length };
    });
    return { outcomes, inferenceMs, transferMs: 0 };
  }

  function close(): Promise<void> {
    return queue.close(async () => {});
  }

  const decoder: Decoder = {
    tokenBytes: syntheticTokenBytes,
    step: (request) => queue.run(() => decode(request)),
  };

  return {
    signature,
    loadMs: 0,
    control: steering.control,
    ...(vocabularySize === 0 ? {} : { decoder }),
    run: (inputs) => queue.run(() => compute(inputs)),
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** What a synthetic decoder says that a token takes, in bytes; it keeps nothing. */
const syntheticTokenBytes = 1024;

interface RunSize {
  readonly items: number;
  readonly tokens: number;
}

function durationMs(settings: SyntheticSettings, size: RunSize): number {
  const { alphaMs, betaMs, perTokenMs, noiseRatio, random } = settings;
  const meanMs = alphaMs + betaMs * size.items + perTokenMs * size.tokens;
  return meanMs * (1 + noiseRatio * (2 * random() - 1));
}

function askedFault({ faults }: SyntheticSettings, tags: readonly number[]): SyntheticFault | undefined {
  const asked: readonly SyntheticFault[] = ["crash", "hang", "fail"];
  return asked.find((fault) => {
    const value = faults[fault];
    return value !== undefined && tags.includes(value);
  });
}

function askedFailure(name: string): InferenceError {
  return new InferenceError("internal", `the run of ${name} failed as it was asked to`);
}

/** Takes a buffer from its giver, as a transfer to a thread does. */
function takeOver(buffer: ArrayBuffer): ArrayBuffer {
  return structuredClone(buffer, { transfer: [buffer] });
}
