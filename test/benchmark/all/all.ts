import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { text } from "node:stream/consumers";
import { describeMachine } from "@sluice/load-generator";
import { drawPlotPage } from "./plot-page.ts";
import { formatAll, runAll, type BenchmarkRun } from "./run-all.ts";

export interface AllOptions {
  /** Folder of the report and its plots; made if it is not there. */
  readonly out: string;
  readonly full: boolean;
  readonly onProgress: (line: string) => void;
}

const mainPath = fileURLToPath(new URL("../main.js", import.meta.url));
const pageName = "plots.svg";

/**
 * Runs every benchmark as somebody would by hand, each in a process of its own, and writes a report that grows with each. Tells
 * whether all bars were met.
 */
export async function writeReport({ out, full, onProgress }: AllOptions): Promise<boolean> {
  await mkdir(out, { recursive: true });
  const longer = full ? ["--full"] : [];
  const benchmarks: readonly BenchmarkRun[] = [
    { name: "overhead", flags: [...longer, "--plot", join(out, "latency-by-throughput.svg")] },
    { name: "fairness", flags: longer },
    { name: "batching", flags: [...longer, "--plots", out] },
    { name: "saturation", flags: longer },
    { name: "scale", flags: longer },
    { name: "cold-start", flags: longer },
  ];
  const { processorCount, processor, memoryGigabytes, system, node } = describeMachine();
  const machine = `${processorCount} x ${processor}, ${memoryGigabytes} GB, ${system}, Node ${node}; everything on this machine.`;
  const date = new Date().toISOString().slice(0, "2026-11-22".length);
  const outcomes = await runAll(benchmarks, {
    run: runInProcess,
    nowMs: () => performance.now(),
    onProgress,
    async onOutcomes(soFar) {
      await writeFile(join(out, "report.md"), formatAll(soFar, { date, machine }));
      await writeFile(join(out, pageName), drawPlotPage(await readPlots(out)));
    },
  });
  return outcomes.every(({ exitCode }) => exitCode === 0);
}

async function runInProcess({
  name,
  flags,
}: BenchmarkRun): Promise<{ readonly output: string; readonly exitCode: number }> {
  const child = spawn(process.execPath, [mainPath, name, ...flags], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "exit");
  const output = await text(child.stdout);
  await ended;
  // One that a signal has ended has no code.
  return { output, exitCode: child.exitCode ?? 1 };
}

async function readPlots(folder: string): Promise<readonly string[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".svg") && name !== pageName);
  return Promise.all(names.toSorted().map((name) => readFile(join(folder, name), "utf8")));
}
