import type { ModelLatency } from "@sluice/protocol";
import { boundMs, curveMs, type RunShape } from "@sluice/scheduling";
import { shownTimeoutsMs } from "./choose-sizes.ts";

export interface DrawOptions {
  readonly title: string;
  /** Each gets a line. */
  readonly lengths: readonly number[];
  readonly maxItems: number;
}

const width = 720;
const height = 440;
const plot = { left: 70, top: 50, right: width - 130, bottom: height - 50 };
const tickCount = 5;
const colors = ["#1b6ca8", "#d1495b", "#3b8c4f", "#8a5fa8"];

/** Nobody plans runs longer than this, in milliseconds; lines end there. */
const longestMs = 1.2 * Math.max(...shownTimeoutsMs);

/** Draws what runs take by their items: a line for each length, dashed what nineteen of twenty stay within, dotted some timeouts. */
export function drawProfile(latency: ModelLatency, { title, lengths, maxItems }: DrawOptions): string {
  const topMs = Math.min(longestMs, boundMs(latency, { items: maxItems, length: Math.max(...lengths) }));
  const x = (items: number): number =>
    plot.left + ((plot.right - plot.left) * (items - 1)) / Math.max(1, maxItems - 1);
  const y = (ms: number): number => plot.bottom - ((plot.bottom - plot.top) * ms) / topMs;

  /** The part of a line that lies in the plot. */
  const pointsOf = (msOf: (shape: RunShape) => number, length: number): string[] => {
    const points: string[] = [];
    for (let items = 1; items <= maxItems; items++) {
      const ms = msOf({ items, length });
      if (ms <= topMs) points.push(`${round(x(items))},${round(y(ms))}`);
    }
    return points;
  };
  const lines = lengths.flatMap((length, index) => {
    const color = colors[index % colors.length];
    const expected = pointsOf((shape) => curveMs(latency.curve, shape), length);
    const bound = pointsOf((shape) => boundMs(latency, shape), length);
    const [labelX = plot.left, labelY = plot.top] = expected.at(-1)?.split(",") ?? [];
    return [
      `<polyline fill="none" stroke="${color}" stroke-width="2" points="${expected.join(" ")}"/>`,
      `<polyline fill="none" stroke="${color}" stroke-dasharray="5 4" points="${bound.join(" ")}"/>`,
      `<text x="${labelX}" y="${labelY}" dx="8" dy="4" fill="${color}">length ${length}</text>`,
    ];
  });
  const timeouts = shownTimeoutsMs
    .filter((timeoutMs) => timeoutMs < topMs)
    .flatMap((timeoutMs) => [
      `<line x1="${plot.left}" x2="${plot.right}" y1="${round(y(timeoutMs))}" y2="${round(y(timeoutMs))}" stroke="#999" stroke-dasharray="1 4"/>`,
      `<text x="${plot.left + 4}" y="${round(y(timeoutMs) - 3)}" fill="#777">${timeoutMs} ms</text>`,
    ]);
  const ticks = Array.from({ length: tickCount + 1 }, (_, tick) => tick / tickCount).flatMap((part) => {
    const items = Math.round(1 + part * (maxItems - 1));
    const ms = part * topMs;
    return [
      `<text x="${round(x(items))}" y="${plot.bottom + 18}" text-anchor="middle">${items}</text>`,
      `<text x="${plot.left - 8}" y="${round(y(ms) + 4)}" text-anchor="end">${ms.toPrecision(3)}</text>`,
    ];
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">`,
    `<rect width="${width}" height="${height}" fill="white"/>`,
    `<text x="${plot.left}" y="24" font-size="15">${escapeXml(title)}</text>`,
    `<path d="M${plot.left} ${plot.top}V${plot.bottom}H${plot.right}" fill="none" stroke="black"/>`,
    `<text x="${(plot.left + plot.right) / 2}" y="${height - 10}" text-anchor="middle">items</text>`,
    `<text x="${plot.left}" y="${plot.top - 8}" text-anchor="end">ms</text>`,
    ...ticks,
    ...timeouts,
    ...lines,
    "</svg>\n",
  ].join("\n");
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
