import { describe, expect, test } from "vitest";
import { probeProviders } from "./probe-providers.ts";

describe("probeProviders()", () => {
  test("finds the processor available", async () => {
    const cpu = (await probeProviders()).find((report) => report.name === "cpu");
    expect(cpu).toEqual({ name: "cpu", isBundled: true, isAvailable: true, reason: "available", detail: "" });
  });

  test("gives a reason for whatever is not available", async () => {
    const reports = await probeProviders();
    expect(new Set(reports.map((report) => report.name)).size).toBe(reports.length);
    for (const { isAvailable, reason, detail } of reports) {
      expect(isAvailable).toBe(reason === "available");
      expect(detail === "").toBe(isAvailable);
    }
  });

  test("fails with internal when not even the list comes in time", async () => {
    await expect(probeProviders({ timeoutMs: 1 })).rejects.toMatchObject({ code: "internal" });
  });

  test("ends when it is aborted", async () => {
    const controller = new AbortController();
    const probing = probeProviders({ signal: controller.signal });
    controller.abort(new Error("enough"));
    await expect(probing).rejects.toThrow("enough");
  });
});
