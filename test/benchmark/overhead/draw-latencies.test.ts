import { expect, test } from "vitest";
import { aCell } from "./cell.fixture.ts";
import { drawLatencies } from "./draw-latencies.ts";
import { reportArm, type ArmReport } from "./report.ts";

function anArm(arm: string, requestsPerSecond: number, p50Ms: number): ArmReport {
  return reportArm(arm, [{ ...aCell(arm, {}), requestsPerSecond, p50Ms }], true);
}

test("drawLatencies() draws a line for each arm through its layouts of one connection", () => {
  const svg = drawLatencies([
    { layout: "1 x 1", arms: [anArm("bare", 1000, 0.1), anArm("sluice", 100, 1)] },
    { layout: "1 x 64", arms: [anArm("bare", 10_000, 10)] },
    { layout: "64 x 4", arms: [anArm("fastify", 5000, 50)] },
  ]);
  expect(svg.match(/<polyline points="[^" ]+ [^" ]+" /g)).toHaveLength(1);
  expect(svg.match(/<polyline/g)).toHaveLength(2);
  expect(svg).not.toContain("fastify");
  expect(svg).not.toContain("NaN");
});
