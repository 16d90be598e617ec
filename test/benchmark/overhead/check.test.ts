import { describe, expect, test } from "vitest";
import { reportBars } from "./bars.ts";
import { aCell } from "./cell.fixture.ts";
import { attemptsUntilAsRecorded, concludeCheck } from "./check.ts";
import type { Measured } from "./overhead.ts";
import { reportArm } from "./report.ts";

const recorded = [
  {
    bareCpuUs: 8,
    figures: {
      "1 x 256: CPU per request of sluice over floor": 2,
      "1 x 256: requests per second of sluice-probe over fastify": 5,
    },
  },
  { bareCpuUs: 32, figures: { "1 x 256: requests per second of sluice-probe over fastify": 10 } },
];

/** A run in which Sluice's CPU is this many times the floor's and its rate this many times Fastify's. */
function aRun({
  cpu = 2,
  rate = 5,
  bareCpuUs,
  errors = {},
  ...disturbance
}: {
  cpu?: number;
  rate?: number;
  bareCpuUs?: number;
  errors?: Readonly<Record<string, number>>;
  foreignCores?: number;
  stolenCores?: number;
}): Measured {
  const cells = [
    ...(bareCpuUs === undefined ? [] : [aCell("bare", { cpuUs: bareCpuUs })]),
    aCell("floor", { cpuUs: 10 }),
    { ...aCell("sluice", { cpuUs: 10 * cpu, errors }), ...disturbance },
    { ...aCell("sluice-probe", {}), requestsPerSecond: 100 * rate },
    { ...aCell("fastify", {}), requestsPerSecond: 100 },
  ];
  const arms = cells.map((cell) => reportArm(cell.arm, [cell], true));
  return { layout: "1 x 256", rounds: [cells], report: { layout: "1 x 256", arms } };
}

function isPassed(run: Measured): boolean {
  const report = { bars: reportBars([run]), layouts: [run.report] };
  return concludeCheck(report, recorded).isPassed;
}

describe("concludeCheck()", () => {
  test("passes figures up to twice as bad as recorded, and no worse ones", () => {
    expect(isPassed(aRun({ cpu: 4, rate: 2.5 }))).toBe(true);
    expect(isPassed(aRun({ cpu: 4.1 }))).toBe(false);
    expect(isPassed(aRun({ rate: 2.4 }))).toBe(false);
  });

  test("compares with the machine of the nearest speed, and with the first where that is not known", () => {
    const isRatePassed = (rate: number, bareCpuUs?: number): boolean =>
      isPassed(aRun({ rate, ...(bareCpuUs !== undefined && { bareCpuUs }) }));
    expect(isRatePassed(2.5)).toBe(true);
    expect(isRatePassed(2.5, 15)).toBe(true);
    expect(isRatePassed(4.9, 17)).toBe(false);
    expect(isRatePassed(5, 17)).toBe(true);
  });

  test("holds a rate not against Sluice while the hypervisor kept processors, but CPU time it does", () => {
    expect(isPassed(aRun({ rate: 2.3, stolenCores: 0.9 }))).toBe(true);
    expect(isPassed(aRun({ cpu: 4.1, stolenCores: 0.9 }))).toBe(false);
    expect(isPassed(aRun({ cpu: 4.1, foreignCores: 0.9 }))).toBe(true);
  });

  test("fails where calls failed, or nothing was compared", () => {
    expect(isPassed(aRun({ errors: { internal: 1 } }))).toBe(false);
    expect(isPassed({ ...aRun({}), layout: "1 x 1" })).toBe(false);
  });
});

describe("attemptsUntilAsRecorded()", () => {
  test("has a layout measured again while a figure is worse, disturbed or not", () => {
    const attempts = attemptsUntilAsRecorded(recorded);
    expect(attempts.most).toBe(4);
    expect(attempts.isEnough(aRun({}))).toBe(true);
    expect(attempts.isEnough(aRun({ rate: 2.3 }))).toBe(false);
    expect(attempts.isEnough(aRun({ rate: 2.3, stolenCores: 0.9 }))).toBe(false);
  });
});
