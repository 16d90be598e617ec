import { describe, expect, test } from "vitest";
import { formatAll, runAll, type BenchmarkRun, type RunAllOptions } from "./run-all.ts";

const benchmarks: readonly BenchmarkRun[] = [
  { name: "fails", flags: [] },
  { name: "holds", flags: ["--full"] },
];

function runFake(options: Partial<RunAllOptions> = {}): ReturnType<typeof runAll> {
  return runAll(benchmarks, {
    run: ({ name }) => Promise.resolve({ output: `${name}!\n`, exitCode: name === "fails" ? 1 : 0 }),
    nowMs: () => 0,
    onProgress: () => undefined,
    onOutcomes: () => Promise.resolve(),
    ...options,
  });
}

describe("runAll()", () => {
  test("goes on after a benchmark that fails", async () => {
    const outcomes = await runFake();
    expect(outcomes.map(({ name, exitCode }) => [name, exitCode])).toEqual([
      ["fails", 1],
      ["holds", 0],
    ]);
  });

  test("tells what there is after each", async () => {
    const told: string[][] = [];
    await runFake({
      onOutcomes(outcomes) {
        told.push(outcomes.map(({ name }) => name));
        return Promise.resolve();
      },
    });
    expect(told).toEqual([["fails"], ["fails", "holds"]]);
  });
});

describe("formatAll()", () => {
  test("says of each whether its bars were met, how it was run, and what it printed", async () => {
    let nowMs = 0;
    const report = formatAll(await runFake({ nowMs: () => (nowMs += 60_000) }), {
      date: "2026-11-22",
      machine: "2 cores",
    });
    expect(report).toContain("# Benchmarks, 2026-11-22\n\n2 cores\n");
    expect(report).toContain("| fails | MISSED | 1.0 |\n| holds | met | 1.0 |");
    expect(report).toContain("## holds\n\n`npm run bench -- holds --full`\n\n```text\nholds!\n```");
  });
});
