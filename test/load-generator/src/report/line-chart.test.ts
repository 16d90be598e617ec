import { expect, test } from "vitest";
import { drawLineChart } from "./line-chart.ts";

test("drawLineChart() puts decades on a logarithmic axis at equal distances", () => {
  const svg = drawLineChart({
    title: "",
    xLabel: "",
    yLabel: "",
    x: { scale: "log", least: 10, most: 1000 },
    y: { most: 1, step: 1 },
    lines: [{ name: "a", points: [{ x: 100, y: 1 }] }],
  });
  expect(svg).toContain('points="290,40"');
  expect(svg.match(/text-anchor="middle">10+</g)).toHaveLength(3);
});

test("drawLineChart() puts points where their axes say, and names every line", () => {
  const svg = drawLineChart({
    title: "on time & late",
    xLabel: "load",
    yLabel: "part",
    x: { most: 2, step: 0.5 },
    y: { most: 1, step: 0.25 },
    lines: [
      {
        name: "a < b",
        points: [
          { x: 0, y: 0 },
          { x: 2, y: 1 },
        ],
      },
      { name: "other", points: [{ x: 1, y: 0.5 }] },
    ],
  });
  expect(svg).toContain('points="60,370 520,40"');
  expect(svg).toContain('points="290,205"');
  expect(svg).toContain("a &lt; b</text>");
  expect(svg).toContain("other</text>");
  expect(svg).toContain("on time &amp; late</text>");
  expect(svg.match(/text-anchor="end">/g)).toHaveLength(5);
  expect(svg.startsWith("<svg ")).toBe(true);
  expect(svg.trimEnd().endsWith("</svg>")).toBe(true);
});
