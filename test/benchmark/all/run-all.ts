/** A benchmark as `all` runs it. */
export interface BenchmarkRun {
  readonly name: string;
  /** What it is told beside its name. */
  readonly flags: readonly string[];
}

/** What became of one. */
export interface BenchmarkOutcome extends BenchmarkRun {
  /** What it printed. */
  readonly output: string;
  /** 0 = every bar was met. */
  readonly exitCode: number;
  readonly seconds: number;
}

export interface RunAllOptions {
  readonly run: (benchmark: BenchmarkRun) => Promise<Pick<BenchmarkOutcome, "output" | "exitCode">>;
  readonly nowMs: () => number;
  readonly onProgress: (line: string) => void;
  /** Told all outcomes so far after each benchmark, so that nothing is lost if the next one is interrupted. */
  readonly onOutcomes: (outcomes: readonly BenchmarkOutcome[]) => Promise<void>;
}

/** Runs benchmarks one after the other; one that misses its bars, or does not come to an end, keeps none from running. */
export async function runAll(
  benchmarks: readonly BenchmarkRun[],
  { run, nowMs, onProgress, onOutcomes }: RunAllOptions,
): Promise<readonly BenchmarkOutcome[]> {
  const outcomes: BenchmarkOutcome[] = [];
  for (const benchmark of benchmarks) {
    onProgress(benchmark.name);
    const startMs = nowMs();
    const { output, exitCode } = await run(benchmark);
    outcomes.push({ ...benchmark, output, exitCode, seconds: (nowMs() - startMs) / 1000 });
    await onOutcomes(outcomes);
  }
  return outcomes;
}

/** Where and when all of it ran. */
export interface ReportHead {
  readonly date: string;
  readonly machine: string;
}

/** One report of them all, in Markdown. */
export function formatAll(outcomes: readonly BenchmarkOutcome[], { date, machine }: ReportHead): string {
  const verdict = ({ exitCode }: BenchmarkOutcome): string => (exitCode === 0 ? "met" : "MISSED");
  return [
    `# Benchmarks, ${date}`,
    "",
    machine,
    "",
    "| benchmark | bars | minutes |",
    "| --- | --- | ---: |",
    ...outcomes.map(
      (outcome) => `| ${outcome.name} | ${verdict(outcome)} | ${(outcome.seconds / 60).toFixed(1)} |`,
    ),
    "",
    "![Plots](plots.svg)",
    "",
    ...outcomes.flatMap(({ name, flags, output }) => [
      `## ${name}`,
      "",
      `\`npm run bench -- ${[name, ...flags].join(" ")}\``,
      "",
      "```text",
      output.trim(),
      "```",
      "",
    ]),
  ].join("\n");
}
