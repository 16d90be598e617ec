import { describe, expect, test } from "vitest";
import { aCell } from "./cell.fixture.ts";
import { formatReport } from "./format.ts";
import { reportArm, type OverheadReport } from "./report.ts";

const stagesMs = { queue: 1, batch: 0.2, transfer: 0.1, engine: 0.05, return: 0.4 };

describe("reportArm()", () => {
  test("has the medians of all figures, and all errors", () => {
    const cells = [aCell("sluice", { cpuUs: 9 }), aCell("sluice", { cpuUs: 30, errors: { unavailable: 2 } })];
    const report = reportArm(
      "sluice",
      cells.map((cell) => ({ ...cell, stagesMs, messagesPerRequest: 0.1, bytesPerRequest: 80 })),
      true,
    );
    expect(report).toMatchObject({
      requestsPerSecond: 1000,
      errors: { unavailable: 2 },
      cpuUsPerRequest: { total: 19.5, client: 19.5 },
      messagesPerRequest: 0.1,
      stagesMs,
    });
  });
});

describe("formatReport()", () => {
  test("shows bytes, memory, errors, windows that do not agree, stages, and what became of every bar", () => {
    const cell = {
      ...aCell("sluice", { errors: { internal: 3 } }),
      stagesMs,
      messagesPerRequest: 0.1,
      bytesPerRequest: 80,
      foreignCores: 0.5,
      stolenCores: 0.25,
    };
    const arm = reportArm("sluice", [cell], false);
    const report: OverheadReport = {
      machine: {
        processor: "CPU",
        processorCount: 2,
        memoryGigabytes: 23,
        system: "linux",
        node: "20",
        natsServer: "2.15",
      },
      settings: { repetitions: 3, windowMs: 2000, warmUpMs: 10_000 },
      layouts: [{ layout: "1 x 64", arms: [arm] }],
      bars: [
        { name: "a over b", measured: 1.555, limit: { atMost: 1.5 }, basis: "cpu", isMet: false },
        {
          name: "c over d",
          measured: 5,
          limit: { atLeast: 4.5 },
          basis: "clock",
          isMet: true,
          goal: 6,
          isGoalMet: false,
        },
      ],
      leftOut: { bullmq: "no Redis" },
      isMet: false,
    };
    const text = formatReport(report);
    expect(text).toContain("ERRORS: internal 3");
    expect(text).toContain("NATS bytes a request 80; most memory, MB: client 80");
    expect(text).toContain("not stable");
    expect(text).toContain("DISTURBED: other programs used 0.50 processors");
    expect(text).toContain("DISTURBED: the hypervisor kept 0.25 processors");
    expect(text).toContain("queue 1.000, batch 0.200, transfer 0.100, engine 0.050, return 0.400");
    expect(text).toContain("MISSED a over b: 1.55 (at most 1.5)");
    expect(text).toContain("met    c over d: 5.00 (at least 4.5; then 6: missed)");
    expect(text).toContain("bullmq was left out: no Redis");
  });
});
