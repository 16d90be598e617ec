import { reportBars } from "./bars.ts";
import { disturbanceNotes, worstOf } from "./disturbance.ts";
import type { OverheadOptions } from "./overhead.ts";
import { checkFigures, formatCheck, type RecordedFigures } from "./recorded.ts";
import type { LayoutReport, OverheadReport } from "./report.ts";

/** What was slow once because of a neighbour is as it was in one of a few attempts; what became slow is slow in all of them. */
const mostAttempts = 4;

/** Measures a layout again while a figure of it is much worse than the recorded one. */
export function attemptsUntilAsRecorded(recorded: RecordedFigures): NonNullable<OverheadOptions["attempts"]> {
  return {
    most: mostAttempts,
    isEnough: (measured) => {
      const checks = checkFigures(reportBars([measured]), {
        recorded,
        disturbance: disturbanceOf([measured.report]),
      });
      return checks.every(({ verdict }) => verdict === "asRecorded");
    },
  };
}

/** Whether figures were compared, none of them is worse by itself, and no call failed. */
export function concludeCheck(
  { bars, layouts }: Pick<OverheadReport, "bars" | "layouts">,
  recorded: RecordedFigures,
): { readonly lines: readonly string[]; readonly isPassed: boolean } {
  const disturbance = disturbanceOf(layouts);
  const checks = checkFigures(bars, { recorded, disturbance });
  const hasErrors = layouts.some(({ arms }) => arms.some(({ errors }) => Object.keys(errors).length > 0));
  return {
    lines: [...disturbanceNotes(disturbance), ...checks.map(formatCheck)],
    isPassed: !hasErrors && checks.length > 0 && checks.every(({ verdict }) => verdict !== "worse"),
  };
}

function disturbanceOf(layouts: readonly LayoutReport[]): ReturnType<typeof worstOf> {
  return worstOf(layouts.flatMap(({ arms }) => arms));
}
