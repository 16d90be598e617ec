import { describe, expect, test } from "vitest";
import { readProcessUsage } from "./process-usage.ts";

describe("readProcessUsage()", () => {
  test("tells what this process says of itself, as far as the system's steps go", () => {
    const before = process.cpuUsage();
    const { cpuMs, residentBytes, peakResidentBytes } = readProcessUsage(process.pid);
    const after = process.cpuUsage();
    expect(cpuMs).toBeGreaterThanOrEqual((before.user + before.system) / 1000 - 20);
    expect(cpuMs).toBeLessThanOrEqual((after.user + after.system) / 1000 + 20);
    expect(residentBytes).toBeGreaterThan(10_000_000);
    expect(peakResidentBytes).toBeGreaterThanOrEqual(residentBytes);
  });

  test("refuses a process that does not exist", () => {
    expect(() => readProcessUsage(2 ** 30)).toThrow("ENOENT");
  });
});
