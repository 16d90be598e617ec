import { reportBars } from "./bars.ts";
import { disturbanceNotes, worstOf } from "./disturbance.ts";
import type { OverheadOptions } from "./overhead.ts";
import {
  checkFigures,
  formatCheck,
  nearestMachine,
  type MachineFigures,
  type RecordedFigures,
} from "./recorded.ts";
import type { LayoutReport, OverheadReport } from "./report.ts";

/** What was slow once because of a neighbour is as it was in one of a few attempts; what became slow is slow in all of them. */
const mostAttempts = 4;

/** Measures a layout again while a figure of it is much worse than the recorded one. */
export function attemptsUntilAsRecorded(
  machines: readonly MachineFigures[],
): NonNullable<OverheadOptions["attempts"]> {
  return {
    most: mostAttempts,
    isEnough: (measured) => {
      const checks = checkFigures(reportBars([measured]), {
        recorded: recordedFor(machines, [measured.report]),
        disturbance: disturbanceOf([measured.report]),
      });
      return checks.every(({ verdict }) => verdict === "asRecorded");
    },
  };
}

/** Whether figures were compared, none of them is worse by itself, and no call failed. */
export function concludeCheck(
  { bars, layouts }: Pick<OverheadReport, "bars" | "layouts">,
  machines: readonly MachineFigures[],
): { readonly lines: readonly string[]; readonly isPassed: boolean } {
  const disturbance = disturbanceOf(layouts);
  const checks = checkFigures(bars, { recorded: recordedFor(machines, layouts), disturbance });
  const hasErrors = layouts.some(({ arms }) => arms.some(({ errors }) => Object.keys(errors).length > 0));
  return {
    lines: [...disturbanceNotes(disturbance), ...checks.map(formatCheck)],
    isPassed: !hasErrors && checks.length > 0 && checks.every(({ verdict }) => verdict !== "worse"),
  };
}

/** CPU microseconds per request of bare NATS with 256 calls open: the speed of the machine. `undefined` where that did not run. */
export function bareCpuUsOf(layouts: readonly LayoutReport[]): number | undefined {
  const { arms = [] } = layouts.find(({ layout }) => layout === "1 x 256") ?? {};
  return arms.find(({ arm }) => arm === "bare")?.cpuUsPerRequest["total"];
}

function recordedFor(machines: readonly MachineFigures[], layouts: readonly LayoutReport[]): RecordedFigures {
  return nearestMachine(machines, bareCpuUsOf(layouts))?.figures ?? {};
}

function disturbanceOf(layouts: readonly LayoutReport[]): ReturnType<typeof worstOf> {
  return worstOf(layouts.flatMap(({ arms }) => arms));
}
