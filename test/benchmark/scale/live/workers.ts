import { median } from "@sluice/load-generator";
import { capacityPerSecond, type Engine } from "../../../simulation/engine.ts";

import type { BenchmarkScenario } from "../../scenario/scenario.ts";
import { measureGoodput, type Goodput, type OfferedStream } from "../../stage/goodput.ts";
import type { StagedPool } from "../../stage/models.ts";
import { startStage } from "../../stage/stage.ts";

/** An engine by the name of its model, and how long its callers wait: about five of its longest runs. */
interface Speed {
  readonly model: string;
  readonly engine: Engine;
  readonly timeoutMs: number;
}

/** That of the bar. */
const fast: Speed = {
  model: "5-plus-n-ms",
  engine: { runMs: 5, requestMs: 1, maxBatchItems: 16 },
  timeoutMs: 100,
};
/** Ten times as slow, so that a tenth of the messages keeps as many workers busy and processors decide nothing. */
const slow: Speed = {
  model: "50-plus-10n-ms",
  engine: { runMs: 50, requestMs: 10, maxBatchItems: 16 },
  timeoutMs: 1_000,
};
const usualCounts = [1, 4, 8, 16];
/** With `--full` reported beside the others. */
const mostCount = 32;
const barCount = 16;
const load = 0.9;
/**
 * Load at half the rate before the rounds. A worker has 50 batches a second, and what runs once a batch takes as long to be
 * compiled to what it stays: 16 workers that were loaded for 10 s do with 1.93 processors 0.77 of what they do with 1.82 after 60 s.
 */
const youngMs = 90_000;
const youngLoad = load / 2;
const warmUpMs = 2_000;

/** What so many workers did in each round. */
interface Row {
  readonly speed: Speed;
  readonly workerCount: number;
  readonly rounds: Goodput[];
}

/**
 * Many workers do for each what one does: pools of 1 to 16 worker processes with a slot each, all of them started at once and
 * loaded in turn. A pool that is not loaded sends heartbeats and nothing else.
 */
export const workers: BenchmarkScenario = {
  name: "live/workers",
  async run({ full, onProgress }) {
    const counts = full ? [...usualCounts, mostCount] : usualCounts;
    onProgress(`starting pools of ${counts.join(", ")} workers`);
    await using stage = await startStage({
      pools: Object.fromEntries(counts.map((count) => [poolOf(count), describePool(count)])),
      dispatchers: ["d1"],
      tenants: ["a"],
      logsRuns: false,
    });
    const rows = [fast, slow].flatMap((speed) =>
      counts.map((workerCount): Row => ({ speed, workerCount, rounds: [] })),
    );
    // Small pools together have fewer workers than the next one.
    const few = counts.filter((count) => count < barCount);
    const many = counts.filter((count) => count >= barCount);
    for (const pools of [few, ...many.map((count) => [count])]) {
      onProgress(`warming up ${pools.join(", ")} workers`);
      const streams = pools.map((count) => callsOf({ speed: fast, workerCount: count }, youngLoad));
      const { timeoutMs } = fast;
      await measureGoodput(stage, { streams, timeoutMs, warmUpMs: youngMs, measuredMs: 1, seed: 0 });
    }
    for (let round = 1; round <= (full ? 5 : 3); round++) {
      for (const { rounds, ...row } of rows) {
        onProgress(`round ${round}: ${row.workerCount} workers of ${row.speed.model}`);
        const goodput = await measureGoodput(stage, {
          streams: [callsOf(row, load)],
          timeoutMs: row.speed.timeoutMs,
          warmUpMs,
          measuredMs: full ? 10_000 : 5_000,
          seed: round,
        });
        rounds.push(goodput);
      }
    }
    const barRow = rows.find(({ speed, workerCount }) => speed === fast && workerCount === barCount);
    return {
      name: "live/workers",
      figures: Object.fromEntries(rows.flatMap((row) => figuresOf(row, rows))),
      bar: `goodput for each of ${barCount} workers at least 0.95 of that of one, 5 + n ms up to 16, at ${load} of what the engines can do, answers within ${fast.timeoutMs} ms, after ${youngMs / 1000} s of load`,
      isMet: barRow !== undefined && efficiencyOf(barRow, rows) >= 0.95,
    };
  },
};

/** Calls of what the engines of so many workers can do, times `part`. */
function callsOf({ speed, workerCount }: Pick<Row, "speed" | "workerCount">, part: number): OfferedStream {
  const ratePerSecond = part * workerCount * capacityPerSecond(speed.engine);
  return { tenant: "a", model: modelOf(workerCount, speed), ratePerSecond };
}

/** Goodput for each worker over that of one worker, of both for each call that was made: random moments differ in number. */
function efficiencyOf({ speed, rounds }: Row, rows: readonly Row[]): number {
  const one = rows.find((row) => row.speed === speed && row.workerCount === 1);
  return median(rounds.map((goodput, round) => inTimeRatio(goodput) / inTimeRatio(one?.rounds[round])));
}

function inTimeRatio(goodput: Goodput | undefined): number {
  return goodput === undefined ? NaN : goodput.inTimeCount / goodput.sentCount;
}

function figuresOf(row: Row, rows: readonly Row[]): [string, number][] {
  const { speed, workerCount, rounds } = row;
  const of = `${workerCount} ${workerCount === 1 ? "worker" : "workers"} of ${speed.model}`;
  return [
    [`efficiency, ${of}`, efficiencyOf(row, rows)],
    [`answers in time for each second, ${of}`, median(rounds.map(({ perSecond }) => perSecond))],
    [`p99 in ms, ${of}`, median(rounds.map(({ p99Ms }) => p99Ms))],
    [`processors used by all of Sluice and its load, ${of}`, median(rounds.map(({ cpu }) => cpu.ownCores))],
  ];
}

function describePool(workerCount: number): StagedPool {
  const models = [fast, slow].map((speed) => [modelOf(workerCount, speed), speed.engine] as const);
  return { models: Object.fromEntries(models), workerCount, slotsOfWorker: 1 };
}

function poolOf(workerCount: number): string {
  return `workers-${workerCount}`;
}

function modelOf(workerCount: number, { model }: Speed): string {
  return `${model}-on-${workerCount}`;
}
