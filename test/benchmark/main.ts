import { Command, InvalidArgumentError } from "commander";
import { formatReport as formatScenario } from "./fairness/report.ts";
import { runScenarios } from "./fairness/run-scenarios.ts";
import { pickScenarios } from "./fairness/scenario.ts";
import { fairnessScenarios } from "./fairness/scenarios.ts";
import { formatReport } from "./overhead/report.ts";
import { measureOverhead } from "./overhead/overhead.ts";

const program = new Command("bench").description(
  "Benchmarks of Sluice; every ratio is taken within one run.",
);

program
  .command("overhead")
  .description("CPU per request and latency of Sluice beside bare NATS and a floor prototype of the path")
  .option("--json", "print one JSON object per layout")
  .option("--repetitions <count>", "measured windows of each arm and layout", parseCount, 3)
  .option("--window-ms <ms>", "length of a measured window", parseCount, 3_000)
  .option("--warm-up-ms <ms>", "load before the first window of each arm and layout", parseCount, 10_000)
  .action(async (options: { json?: true; repetitions: number; windowMs: number; warmUpMs: number }) => {
    const reports = await measureOverhead({
      ...options,
      onProgress: (line) => process.stderr.write(`${line}\n`),
    });
    const text = options.json
      ? reports.map((report) => JSON.stringify(report)).join("\n")
      : formatReport(reports);
    process.stdout.write(`${text}\n`);
    if (reports.some((report) => !report.isMet)) process.exitCode = 1;
  });

program
  .command("fairness")
  .description("who gets what of a pool, simulated and with real processes, beside the bars that must be met")
  .option("--json", "print one JSON object per scenario")
  .option("--full", "run longer, and with more seeds, than the bars ask for")
  .option("--only <name>", "a scenario, such as live/weights, or some: live, queue, simulated, weights")
  .action(async (options: { json?: true; full?: true; only?: string }) => {
    const scenarios = pickScenarios(fairnessScenarios, options.only);
    if (scenarios.length === 0) {
      const names = fairnessScenarios.map(({ name }) => name).join(", ");
      program.error(`no scenario ${options.only}; there are ${names}`);
    }
    const reports = await runScenarios(scenarios, {
      full: options.full === true,
      onProgress: (line) => process.stderr.write(`${line}\n`),
      onReport: (report) =>
        process.stdout.write(`${options.json ? JSON.stringify(report) : formatScenario(report)}\n`),
    });
    if (reports.some(({ isMet }) => !isMet)) process.exitCode = 1;
  });

await program.parseAsync();

function parseCount(value: string): number {
  const count = Number(value);
  if (!Number.isSafeInteger(count) || count < 1)
    throw new InvalidArgumentError("expected a positive integer");
  return count;
}
