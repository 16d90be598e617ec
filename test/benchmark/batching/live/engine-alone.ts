import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Tokenizer } from "@huggingface/tokenizers";
import { loadOnnxEngine, type Engine, type EngineTensor } from "@sluice/engine";
import { createRandom } from "@sluice/load-generator";
import { systemClock } from "@sluice/runtime";
import { drawSentence } from "./sentences.ts";

/** An engine with nothing around it: no queue, no messages, and inputs that are tokens already. */
export interface EngineAlone extends AsyncDisposable {
  /** Inputs answered in a second, in batches of this many of similar length; `outstandingCount` inputs wait at all times. */
  measure(options: AloneOptions): Promise<number>;
}

export interface AloneOptions {
  readonly outstandingCount: number;
  readonly batchItems: number;
  readonly windowMs: number;
}

/** Runs handed to the engine thread: one that runs, and one so that it never waits for this thread. */
const openRunCount = 2;
/** Enough that no window sees the same texts again soon. */
const sentenceCount = 4096;

/** Loads the sentence embedding model from its folder, and the texts that {@link drawSentence} gives for a seed. */
export async function loadEngineAlone(folder: string, seed: number): Promise<EngineAlone> {
  const engine = await loadOnnxEngine({
    modelPath: join(folder, "1/model.onnx"),
    clock: systemClock,
    intraOpThreads: 1,
  });
  const tokenizer = new Tokenizer(JSON.parse(await readFile(join(folder, "1/tokenizer.json"), "utf8")), {});
  const random = createRandom(seed, 0);
  const rows = Array.from({ length: sentenceCount }, () => tokenizer.encode(drawSentence(random)).ids);
  return {
    measure: (options) => measureAlone(engine, rows, options),
    [Symbol.asyncDispose]: () => engine.close(),
  };
}

async function measureAlone(
  engine: Engine,
  rows: readonly (readonly number[])[],
  { outstandingCount, batchItems, windowMs }: AloneOptions,
): Promise<number> {
  let drawn = 0;
  const draw = (): readonly number[] => rows[drawn++ % rows.length] ?? [];
  const waiting: (readonly number[])[] = [];
  const startMs = performance.now();
  const endMs = startMs + windowMs;
  let answeredCount = 0;
  let openCount = 0;

  /** The batch around whoever waits longest, of those whose lengths are nearest to its own. */
  const pick = (): (readonly number[])[] => {
    const oldest = waiting[0]?.length ?? 0;
    const nearest = waiting.toSorted((a, b) => Math.abs(a.length - oldest) - Math.abs(b.length - oldest));
    const picked = nearest.slice(0, batchItems);
    for (const row of picked) waiting.splice(waiting.indexOf(row), 1);
    return picked;
  };

  const keepRunning = async (): Promise<void> => {
    while (performance.now() < endMs) {
      while (waiting.length + openCount < outstandingCount) waiting.push(draw());
      const batch = pick();
      openCount += batch.length;
      await engine.run([join64(batch)]);
      openCount -= batch.length;
      answeredCount += batch.length;
    }
  };

  await Promise.all(Array.from({ length: openRunCount }, keepRunning));
  return (1000 * answeredCount) / (performance.now() - startMs);
}

function join64(rows: readonly (readonly number[])[]): EngineTensor {
  const longest = rows.reduce((most, row) => Math.max(most, row.length), 1);
  const joined = new BigInt64Array(rows.length * longest);
  rows.forEach((row, index) => joined.set(row.map(BigInt), index * longest));
  return { name: "input_ids", datatype: "INT64", shape: [rows.length, longest], buffer: joined.buffer };
}
