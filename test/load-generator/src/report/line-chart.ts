/** A chart of lines over one another, as data. */
export interface LineChart {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly lines: readonly ChartLine[];
  readonly x: Axis;
  readonly y: Axis;
}

export interface ChartLine {
  readonly name: string;
  /** From left to right. */
  readonly points: readonly Point[];
}

interface Point {
  readonly x: number;
  readonly y: number;
}

type Axis =
  /** From 0, with the steps between its ticks. */
  | { readonly most: number; readonly step: number }
  /** Powers of ten; both ends are. */
  | { readonly scale: "log"; readonly least: number; readonly most: number };

const size = { width: 720, height: 420 };
const margin = { left: 60, right: 200, top: 40, bottom: 50 };
/** Told apart by people who do not see all colours: the palette of Okabe and Ito. */
const colors = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"];
const legendStepPx = 22;

/** Draws a chart as a standalone SVG document. */
export function drawLineChart({ title, xLabel, yLabel, lines, x, y }: LineChart): string {
  const right = size.width - margin.right;
  const bottom = size.height - margin.bottom;
  const xPx = (value: number): number => round(margin.left + placeOn(x, value) * (right - margin.left));
  const yPx = (value: number): number => round(bottom - placeOn(y, value) * (bottom - margin.top));
  const middleY = (margin.top + bottom) / 2;

  const xTicks = ticksOf(x).flatMap((value) => [
    `<line x1="${xPx(value)}" y1="${margin.top}" x2="${xPx(value)}" y2="${bottom}" stroke="#ddd"/>`,
    `<text x="${xPx(value)}" y="${bottom + 18}" text-anchor="middle">${value}</text>`,
  ]);
  const yTicks = ticksOf(y).flatMap((value) => [
    `<line x1="${margin.left}" y1="${yPx(value)}" x2="${right}" y2="${yPx(value)}" stroke="#ddd"/>`,
    `<text x="${margin.left - 8}" y="${yPx(value) + 4}" text-anchor="end">${value}</text>`,
  ]);
  const drawn = lines.flatMap(({ name, points }, index) => {
    const color = colors[index % colors.length] ?? "";
    const path = points.map((point) => `${xPx(point.x)},${yPx(point.y)}`).join(" ");
    const legendY = margin.top + 10 + index * legendStepPx;
    return [
      `<polyline points="${path}" fill="none" stroke="${color}" stroke-width="${index === 0 ? 3 : 1.5}"/>`,
      `<line x1="${right + 12}" y1="${legendY}" x2="${right + 36}" y2="${legendY}" stroke="${color}" stroke-width="3"/>`,
      `<text x="${right + 42}" y="${legendY + 4}">${escape(name)}</text>`,
    ];
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size.width} ${size.height}" font-family="sans-serif" font-size="12">`,
    `<rect width="${size.width}" height="${size.height}" fill="white"/>`,
    `<text x="${margin.left}" y="24" font-size="15">${escape(title)}</text>`,
    ...xTicks,
    ...yTicks,
    `<text x="${(margin.left + right) / 2}" y="${size.height - 10}" text-anchor="middle">${escape(xLabel)}</text>`,
    `<text transform="translate(16 ${middleY}) rotate(-90)" text-anchor="middle">${escape(yLabel)}</text>`,
    ...drawn,
    "</svg>",
    "",
  ].join("\n");
}

/** Where a value lies on an axis, from 0 to 1. */
function placeOn(axis: Axis, value: number): number {
  if ("step" in axis) return value / axis.most;
  return Math.log(value / axis.least) / Math.log(axis.most / axis.least);
}

function ticksOf(axis: Axis): number[] {
  if ("scale" in axis) {
    const decades = Math.round(Math.log10(axis.most / axis.least));
    return Array.from({ length: decades + 1 }, (_, index) =>
      Number((axis.least * 10 ** index).toPrecision(6)),
    );
  }
  const { most, step } = axis;
  return Array.from({ length: Math.floor(most / step) + 1 }, (_, index) => round(index * step));
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
