import { drawLineChart } from "@sluice/load-generator";
import { describe, expect, test } from "vitest";
import { drawPlotPage } from "./plot-page.ts";

describe("drawPlotPage()", () => {
  test("puts plots under one another, none over another", () => {
    const axis = { most: 1, step: 1 };
    const plot = drawLineChart({ title: "t", xLabel: "x", yLabel: "y", lines: [], x: axis, y: axis });
    const page = drawPlotPage([plot, plot]);
    expect(page.match(/<svg [^>]*>/g)).toEqual([
      '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 720 880">',
      expect.stringContaining('<svg y="0" width="720" height="420" '),
      expect.stringContaining('<svg y="440" width="720" height="420" '),
    ]);
    expect(page.match(/<\/svg>/g)).toHaveLength(3);
  });

  test("refuses what is no plot", () => {
    expect(() => drawPlotPage(["<html>"])).toThrow("does not say its size");
  });
});
