/** Between two plots, in pixels. */
const gapPx = 20;

/**
 * Puts plots under one another on one page.
 * @param plots standalone SVG documents that say their size in `viewBox`.
 * @throws {Error} for one that does not.
 */
export function drawPlotPage(plots: readonly string[]): string {
  let bottomPx = 0;
  let widthPx = 0;
  const placed = plots.map((plot) => {
    const size = sizeOf(plot);
    const topPx = bottomPx;
    bottomPx += size.height + gapPx;
    widthPx = Math.max(widthPx, size.width);
    return plot.trim().replace("<svg ", `<svg y="${topPx}" width="${size.width}" height="${size.height}" `);
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${widthPx} ${bottomPx}">`,
    ...placed,
    "</svg>",
    "",
  ].join("\n");
}

function sizeOf(plot: string): { readonly width: number; readonly height: number } {
  const [, width, height] = /^<svg [^>]*viewBox="0 0 (\d+) (\d+)"/.exec(plot.trim()) ?? [];
  if (width === undefined || height === undefined) throw new Error("a plot does not say its size");
  return { width: Number(width), height: Number(height) };
}
