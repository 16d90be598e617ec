import { connect } from "nats";
import { createRandom, median } from "@sluice/load-generator";
import { startModelStage } from "../batching/live/model-stage.ts";
import { startRole } from "../measure/role-process.ts";
import type { BenchmarkScenario, ScenarioRunOptions } from "../scenario/scenario.ts";
import { measureCpu } from "../stage/cpu-meter.ts";
import type { ScenarioResult } from "../../simulation/index.ts";
import { runClosedLoad, type Call, type LoadOutcome } from "./closed-load.ts";
import { createHandPicked } from "./hand-picked/control.ts";
import type { SaturationInput, Workload } from "./workload.ts";

const outstandingCount = 64;
const seed = 1;
/** What someone who knows the model would try. */
const batchSizes = [1, 2, 4, 8, 16];
const tryMs = 1_500;
const warmUpMs = 10_000;
const settleMs = 500;
/** Inputs whose answers are compared before anything is measured. */
const comparedCount = 16;

/**
 * Sluice at saturation beside the same engine with batches picked by hand, in the same layout of processes: a client, a
 * nats-server, and a process whose main thread prepares inputs for one engine thread. The same inputs, 64 of them open at all
 * times, as bytes that a client sends; answers as bytes that it receives. Windows of the two take turns.
 */
export function createSaturation(workload: Workload): BenchmarkScenario {
  const name = `live/saturation/${workload.model}`;
  return { name, run: async (options) => ({ name, ...(await measureWorkload(workload, options)) }) };
}

async function measureWorkload(
  { model, unit, inputCount, draw, isSame }: Workload,
  { full, onProgress }: ScenarioRunOptions,
): Promise<Omit<ScenarioResult, "name">> {
  onProgress("starting processes");
  await using stage = await startModelStage(model);
  await using _server = await startRole("hand-picked", [
    "hand-picked",
    stage.server,
    model,
    stage.modelFolder,
  ]);
  const connection = await connect({ servers: stage.server });
  await using _connection = { [Symbol.asyncDispose]: () => connection.close() };
  const handPicked = createHandPicked(connection);

  const random = createRandom(seed, 0);
  const inputs = Array.from({ length: inputCount }, () => draw(random));
  const viaSluice = ({ inputs: tensors }: SaturationInput) => stage.client.model(model).infer(tensors);
  const byHand = ({ bytes }: SaturationInput) => handPicked.infer(bytes);
  for (const input of inputs.slice(0, comparedCount)) {
    if (!isSame(await viaSluice(input), await byHand(input)))
      throw new Error("an answer is not that of the model");
  }

  const load = (call: Call, windowMs: number): Promise<LoadOutcome> =>
    runClosedLoad(call, { inputs, outstandingCount, settleMs, windowMs });
  onProgress("warming up, and picking a batch size");
  await load(viaSluice, warmUpMs);
  await load(byHand, warmUpMs);
  let best = { batchItems: 1, rate: 0 };
  for (const batchItems of batchSizes) {
    await handPicked.setBatchItems(batchItems);
    const { rate } = await load(byHand, tryMs);
    if (rate > best.rate) best = { batchItems, rate };
  }
  await handPicked.setBatchItems(best.batchItems);

  const windowMs = full ? 8_000 : 3_000;
  const measure = async (call: Call): Promise<Window> => {
    const readCpu = measureCpu();
    const outcome = await load(call, windowMs);
    return { ...outcome, cores: readCpu().ownCores };
  };
  const rounds: Round[] = [];
  for (let round = 1; round <= (full ? 11 : 7); round++) {
    onProgress(`round ${round}`);
    // Each is first in every other round: the machine may become faster or slower meanwhile.
    const early = round % 2 === 0 ? await measure(viaSluice) : undefined;
    const hand = await measure(byHand);
    const sluice = early ?? (await measure(viaSluice));
    rounds.push({ sluice, hand, engineRate: await handPicked.measureEngine(windowMs) });
  }
  return summarize(rounds, { unit, batchItems: best.batchItems });
}

interface Window extends LoadOutcome {
  /** Processors that all processes of the benchmark used. */
  readonly cores: number;
}

interface Round {
  readonly sluice: Window;
  readonly hand: Window;
  /** The engine of the other arm with inputs that were prepared before. */
  readonly engineRate: number;
}

function summarize(
  rounds: readonly Round[],
  { unit, batchItems }: { readonly unit: string; readonly batchItems: number },
): Omit<ScenarioResult, "name"> {
  const medianOf = (figure: (round: Round) => number): number => median(rounds.map(figure));
  const ratio = medianOf(({ sluice, hand }) => sluice.rate / hand.rate);
  const errorCount = rounds.reduce((sum, { sluice, hand }) => sum + sluice.errorCount + hand.errorCount, 0);
  return {
    figures: {
      "throughput over that of batches picked by hand": ratio,
      [`${unit} a second, Sluice`]: medianOf(({ sluice }) => sluice.rate),
      [`${unit} a second, batches picked by hand`]: medianOf(({ hand }) => hand.rate),
      "batch size, picked by hand": batchItems,
      "processors used, Sluice": medianOf(({ sluice }) => sluice.cores),
      "processors used, batches picked by hand": medianOf(({ hand }) => hand.cores),
      [`control: ${unit} a second, engine given prepared inputs`]: medianOf(({ engineRate }) => engineRate),
      "control: throughput over that of the engine given prepared inputs": medianOf(
        ({ sluice, engineRate }) => sluice.rate / engineRate,
      ),
      "calls that failed": errorCount,
    },
    bar: "median throughput at least 0.95 of batches picked by hand from the same 64 inputs; no call fails",
    isMet: ratio >= 0.95 && errorCount === 0,
  };
}
