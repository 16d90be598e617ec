import { join } from "node:path";
import type { Client } from "@sluice/client";
import { loadOnnxEngine } from "@sluice/engine";
import { median } from "@sluice/load-generator";
import { systemClock } from "@sluice/runtime";

import { cpuFigures, measureCpu } from "../../stage/cpu-meter.ts";
import type { BenchmarkScenario } from "../../scenario/scenario.ts";
import { countJoins } from "./joins.ts";
import { startModelStage } from "./model-stage.ts";

const streamCount = 16;
const prompt = "If you ";
const tokensOfStream = 160;
const warmUpMs = 3_000;
/** Most steps of the others that a stream may wait for before it is in one. */
const mostStepsToJoin = 2;
/** Steps that the engine alone is measured over, and those before them. */
const aloneSteps = { measured: 200, warmUp: 50 };

/** Streams that run at the same time share the steps of the engine. */
export const streams: BenchmarkScenario = {
  name: "live/streams",
  async run({ full, onProgress }) {
    onProgress("starting processes");
    await using stage = await startModelStage("char-lm");
    const { client } = stage;
    await measureStreams(client, { openCount: streamCount, windowMs: warmUpMs });
    const windowMs = full ? 10_000 : 4_000;
    const readCpu = measureCpu();
    const readJoins = await countJoins(stage.worker);
    const rounds = [];
    for (let round = 0; round < (full ? 5 : 2); round++) {
      onProgress(`round ${round + 1}`);
      rounds.push({
        one: await measureStreams(client, { openCount: 1, windowMs }),
        many: await measureStreams(client, { openCount: streamCount, windowMs }),
      });
    }
    const ratio = median(rounds.map(({ one, many }) => many.rate / one.rate));
    const joins = await readJoins();
    const stepMs = (1000 * streamCount) / median(rounds.map(({ many }) => many.rate));
    const queuedMs = rounds.flatMap(({ many }) => many.queuedMs);
    return {
      name: "live/streams",
      figures: {
        "tokens per second of 16 streams over those of one": ratio,
        "tokens per second, one stream": median(rounds.map(({ one }) => one.rate)),
        "tokens per second, 16 streams": median(rounds.map(({ many }) => many.rate)),
        "streams that joined": joins.count,
        "steps until a stream was in one, most of all": joins.mostSteps,
        "time in the queue before that, in steps, median": median(queuedMs) / stepMs,
        "time in the queue before that, in steps, most of all": Math.max(...queuedMs) / stepMs,
        "control: the same ratio, engine alone": await engineRatio(stage.modelFolder),
        ...cpuFigures(readCpu()),
      },
      bar: `16 streams at once give at least 3 times the tokens per second of one; none of all waits more than ${mostStepsToJoin} steps to join`,
      isMet: ratio >= 3 && joins.count > 0 && joins.mostSteps <= mostStepsToJoin,
    };
  },
};

interface StreamWindow {
  readonly openCount: number;
  readonly windowMs: number;
}

interface StreamsMeasured {
  /** Tokens received in a second. */
  readonly rate: number;
  /** How long each stream waited until a worker had it. */
  readonly queuedMs: readonly number[];
}

/** Keeps so many streams open at all times. */
async function measureStreams(
  client: Client,
  { openCount, windowMs }: StreamWindow,
): Promise<StreamsMeasured> {
  const startMs = performance.now();
  const endMs = startMs + windowMs;
  let tokenCount = 0;
  const queuedMs: number[] = [];
  const readUntilEnd = async (): Promise<void> => {
    while (performance.now() < endMs) {
      const frames = client
        .model("char-lm")
        .stream({ text: [prompt] }, { parameters: { max_tokens: tokensOfStream } });
      let isFirst = true;
      for await (const { outputs, timings } of frames) {
        if (isFirst) queuedMs.push(timings.queuedMs);
        isFirst = false;
        if (performance.now() >= endMs) return;
        tokenCount += outputs["text"]?.strings()[0]?.length ?? 0;
      }
    }
  };
  await Promise.all(Array.from({ length: openCount }, readUntilEnd));
  return { rate: (1000 * tokenCount) / (performance.now() - startMs), queuedMs };
}

/** Tokens per second of 16 sequences in a step over those of one, of the engine alone. */
async function engineRatio(modelFolder: string): Promise<number> {
  const one = await engineRate(modelFolder, 1);
  return (await engineRate(modelFolder, streamCount)) / one;
}

async function engineRate(modelFolder: string, sequenceCount: number): Promise<number> {
  await using engine = await loadOnnxEngine({
    modelPath: join(modelFolder, "1/model.onnx"),
    clock: systemClock,
    intraOpThreads: 1,
  });
  const { decoder } = engine;
  if (decoder === undefined) throw new Error("char-lm is no decoder");
  const rows = Array.from({ length: sequenceCount }, (_, sequence) => ({ sequence, tokens: [1] }));
  let startMs = 0;
  for (let step = 0; step < aloneSteps.warmUp + aloneSteps.measured; step++) {
    if (step === aloneSteps.warmUp) startMs = performance.now();
    await decoder.step({ rows, forgotten: [] });
  }
  return (1000 * sequenceCount * aloneSteps.measured) / (performance.now() - startMs);
}
