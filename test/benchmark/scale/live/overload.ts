import { median } from "@sluice/load-generator";
import type { BenchmarkScenario } from "../../scenario/scenario.ts";
import { measureGoodput, type Goodput } from "../../stage/goodput.ts";
import { startStage, type Stage } from "../../stage/stage.ts";
import { findBestRate } from "../overload/best-rate.ts";

/** More workers than the processors can keep busy: messages decide, and not the engines. */
const workerCount = 16;
const engine = { runMs: 5, requestMs: 1, maxBatchItems: 16 };
/** About five of the longest runs. */
const timeoutMs = 100;
const model = "5-plus-n-ms";
const tenant = "a";
/** Processes that have just started are several times as slow; what runs once a batch takes a minute to be compiled. */
const firstLoad = { ratePerSecond: 6_000, warmUpMs: 60_000 };
const warmUpMs = 2_000;
const overloads = [2, 4];
const barOverload = 2;

/** What was measured at a multiple of the best rate. */
interface Row {
  readonly factor: number;
  readonly rounds: Round[];
}

interface Round {
  readonly goodput: Goodput;
  /** Part of the workers' time that was for requests whose time was over when they had run. */
  readonly uselessRatio: number;
}

/**
 * Who asks for more than the machine can carry gets no less for it: goodput at twice and four times the calls of which most are
 * answered in time, beside that at their own rate, in turn. Callers share the machine, so it pays for the calls that are refused,
 * too.
 */
export const overload: BenchmarkScenario = {
  name: "live/overload",
  async run({ full, onProgress }) {
    onProgress(`starting ${workerCount} workers`);
    await using stage = await startStage({
      pools: { overload: { models: { [model]: engine }, workerCount, slotsOfWorker: 1 } },
      dispatchers: ["d1"],
      tenants: [tenant],
      logsRuns: false,
    });
    await offer(stage, { ...firstLoad, measuredMs: 1, seed: 0 });
    const best = await findBestRate(async (ratePerSecond) => {
      const { perSecond } = await offer(stage, { ratePerSecond, warmUpMs, measuredMs: 2_000, seed: 0 });
      onProgress(`${Math.round(ratePerSecond)} calls a second: ${Math.round(perSecond)} answered in time`);
      return perSecond;
    });
    const rows = [1, ...overloads].map((factor): Row => ({ factor, rounds: [] }));
    for (let seed = 1; seed <= (full ? 5 : 3); seed++) {
      for (const { factor, rounds } of rows) {
        onProgress(`round ${seed}: ${factor} x ${Math.round(best)} calls a second`);
        const measuredMs = full ? 10_000 : 5_000;
        rounds.push(await measureRound(stage, { ratePerSecond: factor * best, warmUpMs, measuredMs, seed }));
      }
    }
    return {
      name: "live/overload",
      figures: {
        "calls a second of which most are answered in time": best,
        ...Object.fromEntries(rows.flatMap((row) => figuresOf(row, rows))),
      },
      bar: `goodput at ${barOverload} times the calls of the best goodput at least 0.8 of that, ${workerCount} workers of 5 + n ms, answers within ${timeoutMs} ms`,
      isMet: rows.some((row) => row.factor === barOverload && keptRatio(row, rows) >= 0.8),
    };
  },
};

interface Offer {
  readonly ratePerSecond: number;
  readonly warmUpMs: number;
  readonly measuredMs: number;
  readonly seed: number;
}

function offer(stage: Stage, { ratePerSecond, ...options }: Offer): Promise<Goodput> {
  return measureGoodput(stage, { ...options, streams: [{ tenant, model, ratePerSecond }], timeoutMs });
}

async function measureRound(stage: Stage, options: Offer): Promise<Round> {
  const before = await workerSeconds(stage);
  const goodput = await offer(stage, options);
  const after = await workerSeconds(stage);
  return { goodput, uselessRatio: (after.useless - before.useless) / (after.all - before.all) };
}

async function workerSeconds(stage: Stage): Promise<{ readonly all: number; readonly useless: number }> {
  const counts = await Promise.all(
    [...stage.dispatchers.values()].map(async (dispatcher) => ({
      all: await dispatcher.counter("sluice_dispatcher_worker_seconds_total"),
      useless: await dispatcher.counter("sluice_dispatcher_useless_worker_seconds_total"),
    })),
  );
  return counts.reduce((sum, { all, useless }) => ({ all: sum.all + all, useless: sum.useless + useless }));
}

/** Goodput over that at the best rate, of the same round. */
function keptRatio({ rounds }: Row, rows: readonly Row[]): number {
  const base = rows[0]?.rounds ?? [];
  return median(
    rounds.map(({ goodput }, round) => goodput.perSecond / (base[round]?.goodput.perSecond ?? NaN)),
  );
}

function figuresOf(row: Row, rows: readonly Row[]): [string, number][] {
  const { factor, rounds } = row;
  const of = factor === 1 ? "best rate" : `${factor} times as many`;
  const medianOf = (figure: (round: Round) => number): number => median(rounds.map(figure));
  return [
    [`goodput over that at the best rate, ${of}`, keptRatio(row, rows)],
    [`answers in time for each second, ${of}`, medianOf(({ goodput }) => goodput.perSecond)],
    [`p99 in ms, ${of}`, medianOf(({ goodput }) => goodput.p99Ms)],
    [`part of the workers' time that was useless, ${of}`, medianOf(({ uselessRatio }) => uselessRatio)],
    [`processors used by all of Sluice and its load, ${of}`, medianOf(({ goodput }) => goodput.cpu.ownCores)],
    [
      `processors used by other programs, ${of}`,
      medianOf(({ goodput: { cpu } }) => cpu.machineCores - cpu.ownCores),
    ],
  ];
}
