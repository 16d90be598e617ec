import { ConfigError } from "@sluice/runtime";
import { describe, expect, test } from "vitest";
import { readConfig } from "./config.ts";

describe("readConfig()", () => {
  test("needs nothing: every setting has a default", () => {
    const config = readConfig({});
    expect(config).toMatchObject({
      nats: { servers: ["nats://127.0.0.1:4222"] },
      owner: { defaultTimeoutMs: 30_000, maxAttempts: 3 },
      statusHost: "127.0.0.1",
      logLevel: "info",
    });
    expect(config.self).toMatch(/^dispatcher-/);
    expect(Object.isFrozen(config)).toBe(true);
  });

  test("gives two dispatchers without setting different names", () => {
    expect(readConfig({}).self).not.toBe(readConfig({}).self);
  });

  test("names every problem at once", () => {
    const environment = {
      SLUICE_MAX_ATTEMPTS: "0",
      SLUICE_DISPATCHER_ID: "a.b",
      SLUICE_DEFAULT_TIMEOUT_MS: "x",
    };
    expect(() => readConfig(environment)).toThrow(ConfigError);
    try {
      readConfig(environment);
    } catch (error) {
      for (const name of Object.keys(environment)) expect(String(error)).toContain(name);
    }
  });
});
