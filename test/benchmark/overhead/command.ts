import { writeFile } from "node:fs/promises";
import { InvalidArgumentError, type Command } from "commander";
import { armNames } from "./arms.ts";
import { attemptsUntilAsRecorded, bareCpuUsOf, concludeCheck } from "./check.ts";
import { drawLatencies } from "./draw-latencies.ts";
import { formatReport } from "./format.ts";
import { chooseLayouts, isLayout, layouts } from "./layouts.ts";
import { measureOverhead } from "./overhead.ts";
import { readRecorded, writeRecorded } from "./recorded.ts";
import type { OverheadReport } from "./report.ts";

interface Options {
  readonly json?: true;
  readonly full?: true;
  readonly check?: true;
  readonly record?: true;
  readonly plot?: string;
  readonly arms?: readonly string[];
  readonly layouts?: readonly string[];
  readonly repetitions: number;
  readonly windowMs: number;
  readonly warmUpMs: number;
}

const layoutNames = layouts.map(({ name }) => name);

/** Adds the command that measures what a request costs. */
export function addOverhead(program: Command): void {
  program
    .command("overhead")
    .description("what a request costs and how long it takes, beside other ways to get it answered")
    .option("--json", "print one JSON object")
    .option("--full", "every arm in every layout, about 30 minutes; otherwise what the bars need, about 6")
    .option(
      "--check",
      "exit with 1 where a ratio is much worse than recorded on a machine of this speed, not where a bar is missed",
    )
    .option("--record", "keep the ratios for later checks")
    .option("--plot <file>", "draw latency against throughput as SVG")
    .option("--arms <names>", `only these, separated by commas: ${armNames.join(", ")}`, parseArms)
    .option("--layouts <names>", `only these, separated by commas: ${layoutNames.join(", ")}`, parseLayouts)
    .option("--repetitions <count>", "measured windows of each arm and layout", parseCount, 3)
    .option("--window-ms <ms>", "length of a measured window", parseCount, 2_000)
    .option("--warm-up-ms <ms>", "load before the windows of each arm and layout", parseCount, 10_000)
    .action(async (options: Options) => {
      const recorded = options.check && (await readRecorded());
      const report = await measureOverhead({
        ...options,
        ...(recorded && { attempts: attemptsUntilAsRecorded(recorded) }),
        layouts: chooseLayouts(
          {
            full: options.full === true,
            ...(options.layouts !== undefined && { only: options.layouts }),
            ...(options.arms !== undefined && { arms: options.arms }),
          },
          armNames,
        ),
        mostRepetitions: options.full === true ? 2 * options.repetitions : options.repetitions,
        onProgress: (line) => process.stderr.write(`${line}\n`),
      });
      process.stdout.write(options.json ? `${JSON.stringify(report)}\n` : formatReport(report));
      if (options.plot !== undefined) await writeFile(options.plot, drawLatencies(report.layouts));
      if (options.record) await record(report);
      const { lines, isPassed } = recorded
        ? concludeCheck(report, recorded)
        : { lines: [], isPassed: report.isMet };
      for (const line of lines) process.stderr.write(`${line}\n`);
      if (!isPassed) process.exitCode = 1;
    });
}

/** @throws {Error} without the speed of the machine. */
async function record({ bars, layouts: measured }: OverheadReport): Promise<void> {
  const bareCpuUs = bareCpuUsOf(measured);
  if (bareCpuUs === undefined) throw new Error('--record needs the arm "bare" in the layout "1 x 256"');
  await writeRecorded({ bareCpuUs, bars });
}

function parseArms(value: string): readonly string[] {
  return parseNames(value, { isKnown: (name) => armNames.includes(name), known: armNames });
}

function parseLayouts(value: string): readonly string[] {
  return parseNames(value, { isKnown: isLayout, known: layoutNames });
}

function parseNames(
  value: string,
  { isKnown, known }: { readonly isKnown: (name: string) => boolean; readonly known: readonly string[] },
): readonly string[] {
  const names = value.split(",");
  const unknown = names.filter((name) => !isKnown(name));
  if (unknown.length > 0)
    throw new InvalidArgumentError(`no ${unknown.join(", ")}; there are ${known.join(", ")}`);
  return names;
}

function parseCount(value: string): number {
  const count = Number(value);
  if (!Number.isSafeInteger(count) || count < 1)
    throw new InvalidArgumentError("expected a positive integer");
  return count;
}
