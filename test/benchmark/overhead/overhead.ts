import type { LoadProcess } from "../measure/role-process.ts";
import type { Arm } from "./arm.ts";
import { startArms } from "./arms.ts";
import { measureCell, type Cell } from "./cell.ts";
import { layouts } from "./layouts.ts";
import { reportLayout, type LayoutReport } from "./report.ts";

export interface OverheadOptions {
  /** Names of the arms to run, side by side. */
  readonly arms: readonly string[];
  readonly repetitions: number;
  readonly windowMs: number;
  /** Load before the first measured window of each arm and layout; young processes cost up to 1.4 times as much. */
  readonly warmUpMs: number;
  readonly onProgress: (line: string) => void;
}

/** Measures what Sluice's path costs beside other ways to get a request answered, interleaved in one run. */
export async function measureOverhead(options: OverheadOptions): Promise<readonly LayoutReport[]> {
  const { arms, ...started } = await startArms(options.arms, options.onProgress);
  try {
    const reports: LayoutReport[] = [];
    for (const layout of layouts) {
      const loads: { readonly arm: Arm; readonly load: LoadProcess }[] = [];
      for (const arm of arms) loads.push({ arm, load: await arm.startLoad(layout.connections) });
      for (const { arm, load } of loads) {
        options.onProgress(`${layout.name}: warming ${arm.name} up for ${options.warmUpMs / 1000} s`);
        await load.run({ outstandingPerClient: layout.outstandingPerClient, windowMs: options.warmUpMs });
      }
      const repetitions: Cell[][] = [];
      for (let repetition = 1; repetition <= options.repetitions; repetition++) {
        options.onProgress(`${layout.name}: repetition ${repetition} of ${options.repetitions}`);
        const cells: Cell[] = [];
        for (const { arm, load } of loads) {
          cells.push(await measureCell({ arm, load, layout, windowMs: options.windowMs }));
        }
        repetitions.push(cells);
      }
      reports.push(reportLayout(layout, repetitions));
      for (const { load } of loads) await load[Symbol.asyncDispose]();
    }
    return reports;
  } finally {
    await started[Symbol.asyncDispose]();
  }
}
