import { drawLineChart } from "@sluice/load-generator";
import type { LayoutReport } from "./report.ts";

/** Layouts of one connection and more and more open calls. */
const oneConnection = /^1 x /;

/** Draws each arm's p50 against its requests per second, as more calls are open over one connection; an SVG document. */
export function drawLatencies(layouts: readonly LayoutReport[]): string {
  const reports = layouts.filter(({ layout }) => oneConnection.test(layout)).flatMap(({ arms }) => arms);
  const names = [...new Set(reports.map(({ arm }) => arm))];
  const points = reports.map(({ requestsPerSecond, p50Ms }) => ({ x: requestsPerSecond, y: p50Ms }));
  return drawLineChart({
    title: "Latency against throughput, 1 to 1,024 calls open over one connection",
    xLabel: "requests per second",
    yLabel: "p50, ms",
    x: { scale: "log", ...decadesAround(points.map(({ x }) => x)) },
    y: { scale: "log", ...decadesAround(points.map(({ y }) => y)) },
    lines: names.map((name) => ({
      name,
      points: reports
        .filter(({ arm }) => arm === name)
        .map(({ requestsPerSecond, p50Ms }) => ({ x: requestsPerSecond, y: p50Ms })),
    })),
  });
}

/** The nearest powers of ten around values, at least a decade; values that no logarithm has are left out. */
function decadesAround(values: readonly number[]): { readonly least: number; readonly most: number } {
  const logarithms = values.filter((value) => value > 0).map(Math.log10);
  if (logarithms.length === 0) return { least: 1, most: 10 };
  const least = Math.floor(Math.min(...logarithms));
  return { least: 10 ** least, most: 10 ** Math.max(least + 1, Math.ceil(Math.max(...logarithms))) };
}
