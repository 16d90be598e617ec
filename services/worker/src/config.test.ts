import { ConfigError } from "@sluice/runtime";
import { describe, expect, test } from "vitest";

import { readConfig } from "./config.ts";

describe("readConfig()", () => {
  test("needs nothing", () => {
    const { workerId, ...config } = readConfig({});
    expect(workerId).toMatch(/^worker-[A-Za-z0-9_-]{12}$/u);
    expect(config).toEqual({
      nats: { servers: ["nats://127.0.0.1:4222"] },
      pool: undefined,
      models: undefined,
      modelRepository: "models",
      slotCount: 2,
      provider: "cpu",
      intraOpThreads: 1,
      calibrationMs: 1000,
      graceMs: 10_000,
      drainTimeoutMs: 25_000,
      statusPort: 0,
      statusHost: "127.0.0.1",
      logLevel: "info",
    });
  });

  test("runs one batch at a time on a device", () => {
    expect(readConfig({ SLUICE_PROVIDER: "cuda" }).slotCount).toBe(1);
    expect(readConfig({ SLUICE_PROVIDER: "cuda", SLUICE_SLOTS: "3" }).slotCount).toBe(3);
  });

  test("lists every problem at once", () => {
    const read = (): unknown => readConfig({ SLUICE_PROVIDER: "tpu", SLUICE_SLOTS: "0", SLUICE_POOL: "a b" });
    expect(read).toThrow(ConfigError);
    expect(read).toThrow(/SLUICE_POOL[\s\S]*SLUICE_SLOTS[\s\S]*SLUICE_PROVIDER/u);
  });

  test.each(["SLUICE_CALIBRATION_MS", "SLUICE_GRACE_MS", "SLUICE_DRAIN_TIMEOUT_MS"])(
    "refuses a %s of more than an hour",
    (variable) => {
      expect(() => readConfig({ [variable]: "3600001" })).toThrow(/a whole number from 0 to 3600000/u);
    },
  );

  test("wants the grace period to end before the drain does", () => {
    expect(() => readConfig({ SLUICE_GRACE_MS: "25000" })).toThrow("less than SLUICE_DRAIN_TIMEOUT_MS");
  });
});
