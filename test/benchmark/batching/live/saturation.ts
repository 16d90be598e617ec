import type { Client } from "@sluice/client";
import { createRandom, median } from "@sluice/load-generator";

import { cpuFigures, measureCpu } from "../../stage/cpu-meter.ts";
import type { BenchmarkScenario } from "../../scenario/scenario.ts";
import { loadEngineAlone, type EngineAlone } from "./engine-alone.ts";
import { startModelStage } from "./model-stage.ts";
import { drawSentence } from "./sentences.ts";

const outstandingCount = 64;
const model = "sentence-embedding";
const seed = 1;
/** What someone who knows the model would try. */
const batchSizes = [4, 8, 16, 32];
const tryMs = 1_500;
const warmUpMs = 5_000;

/**
 * Sluice at saturation beside the engine alone, which is given tokens instead of texts in batches picked by hand: the same
 * 64 outstanding inputs, one engine thread each, in turn within one run.
 */
export const saturation: BenchmarkScenario = {
  name: "live/saturation",
  async run({ full, onProgress }) {
    onProgress("starting processes");
    await using stage = await startModelStage(model);
    await using alone = await loadEngineAlone(stage.modelFolder, seed);
    await measureSluice(stage.client, warmUpMs);
    const batchItems = await bestBatchSize(alone);
    const readCpu = measureCpu();
    const rounds = [];
    const windowMs = full ? 10_000 : 4_000;
    for (let round = 0; round < (full ? 7 : 3); round++) {
      onProgress(`round ${round + 1}`);
      const engineRate = await alone.measure({ outstandingCount, batchItems, windowMs });
      rounds.push({ engineRate, sluiceRate: await measureSluice(stage.client, windowMs) });
    }
    const ratio = median(rounds.map(({ engineRate, sluiceRate }) => sluiceRate / engineRate));
    return {
      name: "live/saturation",
      figures: {
        "throughput over that of the engine alone": ratio,
        "texts answered in a second": median(rounds.map(({ sluiceRate }) => sluiceRate)),
        "control: texts in a second, engine alone": median(rounds.map(({ engineRate }) => engineRate)),
        "control: batch size, picked by hand": batchItems,
        ...cpuFigures(readCpu()),
      },
      bar: "median throughput at least 0.95 of the engine alone with batches picked by hand from the same 64 inputs",
      isMet: ratio >= 0.95,
    };
  },
};

async function bestBatchSize(alone: EngineAlone): Promise<number> {
  let best = { batchItems: 1, rate: 0 };
  for (const batchItems of batchSizes) {
    const rate = await alone.measure({ outstandingCount, batchItems, windowMs: tryMs });
    if (rate > best.rate) best = { batchItems, rate };
  }
  return best.batchItems;
}

/** Texts answered in a second while so many are outstanding at all times. */
async function measureSluice(client: Client, windowMs: number): Promise<number> {
  const random = createRandom(seed, 0);
  const startMs = performance.now();
  const endMs = startMs + windowMs;
  let answeredCount = 0;
  const loops = Array.from({ length: outstandingCount }, async () => {
    while (performance.now() < endMs) {
      await client.model(model).infer({ text: [drawSentence(random)] });
      answeredCount += 1;
    }
  });
  await Promise.all(loops);
  return (1000 * answeredCount) / (performance.now() - startMs);
}
