import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { drawLineChart } from "@sluice/load-generator";
import { measureOnTimeCurves, type OnTimeCurves, type ScenarioLength } from "../../simulation/index.ts";

/** Measures on-time-against-load curves and writes a picture of each into a folder; returns their paths. */
export async function writePlots(folder: string, length: ScenarioLength): Promise<readonly string[]> {
  await mkdir(folder, { recursive: true });
  const paths: string[] = [];
  for (const curves of measureOnTimeCurves(length)) {
    const path = join(folder, `on-time-cv-${curves.cv}.svg`);
    await writeFile(path, draw(curves));
    paths.push(path);
  }
  return paths;
}

function draw({ cv, curves }: OnTimeCurves): string {
  return drawLineChart({
    title: `On time within 50 ms, 4 workers, 5 + n ms, ${cv === 1 ? "Poisson" : `CV ${cv}`}, simulated`,
    xLabel: "load, as a part of what the largest batches give",
    yLabel: "part of the requests that is on time",
    x: { most: 2.5, step: 0.5 },
    y: { most: 1, step: 0.2 },
    lines: curves.map(({ name, points }) => ({
      name,
      points: points.map(({ load, onTimeRatio }) => ({ x: load, y: onTimeRatio })),
    })),
  });
}
