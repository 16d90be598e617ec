import type { ScenarioReport } from "./run-scenarios.ts";

/** A scenario's figures for people. */
export function formatReport({ name, figures, bar, isMet, seconds, error }: ScenarioReport): string {
  const widest = Math.max(...Object.keys(figures).map((figure) => figure.length));
  return [
    `${name}: ${isMet ? "met" : "MISSED"} (${seconds.toFixed(1)} s)`,
    `  bar: ${bar}`,
    ...(error === undefined ? [] : [`  failed: ${error}`]),
    ...Object.entries(figures).map(([figure, value]) => `  ${figure.padEnd(widest)}  ${formatFigure(value)}`),
    "",
  ].join("\n");
}

/** Four digits say enough of a share, and whole numbers of everything large. */
function formatFigure(value: number): string {
  return Number.isInteger(value) || Math.abs(value) >= 1000 ? value.toFixed(0) : value.toPrecision(4);
}
