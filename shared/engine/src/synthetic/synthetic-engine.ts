import { InferenceError } from "@sluice/protocol";
import type { Engine, EngineRun, EngineSignature, EngineTensor } from "../engine.ts";
import { checkInputs } from "../input-check.ts";
import { createRunQueue } from "../run-queue.ts";
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
 * What a timer fires late (or early: timers count whole milliseconds) is taken off the next run, so that over many runs the
 * engine is exactly as fast as it says, however short they are.
 */
export function createSyntheticEngine(options: SyntheticEngineOptions): SyntheticEngine {
  const settings = toSyntheticSettings(options);
  const { name, clock, inputs: specs } = settings;
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

  async function compute(inputs: readonly EngineTensor[]): Promise<EngineRun> {
    checkInputs(signature, inputs);
    const first = inputs.find((input) => input.name === specs[0]?.name);
    const tags = needsTags ? rowTags(first) : [];
    const items = signature.hasBatchAxis ? (first?.shape[0] ?? 1) : 1;
    const fault = steering.takeFailure() ? "fail" : askedFault(settings, tags);
    const outputs = inputs.map((input) => ({ ...input, buffer: takeOver(input.buffer) }));

    const startedMs = clock.monotonicMs() - lateMs;
    const dueMs = startedMs + durationMs(settings, { items, tokens: items * (first?.shape[1] ?? 1) });
    const waitMs = dueMs - clock.monotonicMs();
    if (waitMs > 0) await clock.sleep(waitMs);
    const firedMs = clock.monotonicMs();
    lateMs = firedMs - dueMs;
    await steering.held(fault === "hang");
    const endedMs = dueMs + (clock.monotonicMs() - firedMs);

    if (fault === "crash") settings.onCrash();
    const isFailed = fault === "fail" || fault === "crash";
    settings.onRun({ startedMs, endedMs, items, tags, outcome: isFailed ? "failed" : "ok" });
    if (isFailed) throw new InferenceError("internal", `the run of ${name} failed as it was asked to`);
    return { outputs, inferenceMs: endedMs - startedMs, transferMs: 0 };
  }

  function close(): Promise<void> {
    return queue.close(async () => {});
  }

  return {
    signature,
    loadMs: 0,
    control: steering.control,
    run: (inputs) => queue.run(() => compute(inputs)),
    close,
    [Symbol.asyncDispose]: close,
  };
}

function durationMs(settings: SyntheticSettings, size: { items: number; tokens: number }): number {
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

/** Takes a buffer from its giver, as a transfer to a thread does. */
function takeOver(buffer: ArrayBuffer): ArrayBuffer {
  return structuredClone(buffer, { transfer: [buffer] });
}
