import { describe, expect, test } from "vitest";
import { readConfig } from "./config.ts";

describe("readConfig()", () => {
  test("has a default for everything, with an instance of its own for each replica", () => {
    const config = readConfig({});
    expect(config).toMatchObject({
      nats: { servers: ["nats://127.0.0.1:4222"] },
      drainTimeoutMs: 30_000,
      graceMs: 15_000,
      statusPort: 0,
      statusHost: "127.0.0.1",
      logLevel: "info",
    });
    expect(readConfig({}).instance).not.toBe(config.instance);
    expect(Object.isFrozen(config)).toBe(true);
  });

  test("lists every variable that is wrong", () => {
    const environment = { SLUICE_RESULTS_ID: "a.b", SLUICE_STATUS_PORT: "-1", SLUICE_LOG_LEVEL: "loud" };
    expect(() => readConfig(environment)).toThrow(
      /SLUICE_RESULTS_ID[^]*SLUICE_STATUS_PORT[^]*SLUICE_LOG_LEVEL/,
    );
  });
});
