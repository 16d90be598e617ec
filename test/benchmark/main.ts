import { Command } from "commander";
import { writeReport } from "./all/all.ts";
import { batchingScenarios } from "./batching/scenarios.ts";
import { writePlots } from "./batching/write-plots.ts";
import { coldStartScenarios } from "./cold-start/scenarios.ts";
import { endAllOnSignal } from "./end-on-signal.ts";
import { fairnessScenarios } from "./fairness/scenarios.ts";
import { addOverhead } from "./overhead/command.ts";
import { saturationScenarios } from "./saturation/scenarios.ts";
import { scaleScenarios } from "./scale/scenarios.ts";
import { formatReport } from "./scenario/report.ts";
import { runScenarios } from "./scenario/run-scenarios.ts";
import { pickScenarios, type BenchmarkScenario } from "./scenario/scenario.ts";

const program = new Command("bench").description(
  "Benchmarks of Sluice; every ratio is taken within one run.",
);

addOverhead(program);

addScenarios("fairness", {
  description: "who gets what of a pool, simulated and with real processes, beside the bars that must be met",
  scenarios: fairnessScenarios,
});

addScenarios("batching", {
  description: "what a pool answers in time, simulated and with real processes, beside what others would",
  scenarios: batchingScenarios,
})
  .option("--plots <folder>", "draw the part that is on time against the load, beside that of others, as SVG")
  .hook("postAction", async (command) => {
    const { plots, full } = command.opts<{ plots?: string; full?: true }>();
    if (plots === undefined) return;
    const paths = await writePlots(plots, { full: full === true });
    process.stderr.write(`${paths.map((path) => `drew ${path}`).join("\n")}\n`);
  });

addScenarios("scale", {
  description: "what more workers, pools, models and tenants do to goodput, and to what the owner takes",
  scenarios: scaleScenarios,
});

addScenarios("cold-start", {
  description: "from the command that starts a worker to its first answer, by the size of its model",
  scenarios: coldStartScenarios,
});

addScenarios("saturation", {
  description:
    "real models with as much to do as they can take, beside the same engine with batches picked by hand",
  scenarios: saturationScenarios,
});

program
  .command("all")
  .description("every benchmark, one after the other, and one report of them with a page of plots")
  .option("--out <folder>", "where the report goes", "test/benchmark/report")
  .option("--full", "run longer, and with more seeds")
  .action(async ({ out, full }: { out: string; full?: true }) => {
    const isMet = await writeReport({
      out,
      full: full === true,
      onProgress: (line) => process.stderr.write(`${line}\n`),
    });
    process.stderr.write(`wrote ${out}/report.md\n`);
    if (!isMet) process.exitCode = 1;
  });

endAllOnSignal();
await program.parseAsync();

interface Scenarios {
  readonly description: string;
  readonly scenarios: readonly BenchmarkScenario[];
}

/** Adds a command that runs scenarios and exits with 1 where a bar is missed. */
function addScenarios(name: string, { description, scenarios }: Scenarios): Command {
  return program
    .command(name)
    .description(description)
    .option("--json", "print one JSON object per scenario")
    .option("--full", "run longer, and with more seeds")
    .option(
      "--only <name>",
      "a scenario, such as live/weights, or some by a part of their name: live, weights",
    )
    .action(async (options: { json?: true; full?: true; only?: string }) => {
      const picked = pickScenarios(scenarios, options.only);
      if (picked.length === 0) {
        const names = scenarios.map((scenario) => scenario.name).join(", ");
        program.error(`no scenario ${options.only}; there are ${names}`);
      }
      const reports = await runScenarios(picked, {
        full: options.full === true,
        onProgress: (line) => process.stderr.write(`${line}\n`),
        onReport: (report) =>
          process.stdout.write(`${options.json ? JSON.stringify(report) : formatReport(report)}\n`),
      });
      if (reports.some(({ isMet }) => !isMet)) process.exitCode = 1;
    });
}
