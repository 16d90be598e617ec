import { describe, expect, test } from "vitest";
import { z } from "zod";
import { ConfigError } from "./config-error.ts";
import { readOrExit } from "./read-or-exit.ts";
import { durationMs, integer, list, logLevel, port, secret, setting, token } from "./setting-pieces.ts";
import { readSettings } from "./settings.ts";

function problemsOf(read: () => unknown): ConfigError["problems"] {
  try {
    read();
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe("readSettings()", () => {
  test("gives a frozen object of what was set, and defaults for what was not", () => {
    const settings = readSettings(
      z.object({ PORT: port(), GRACE_MS: durationMs().default(500), POOL: token().optional() }),
      { PORT: "8080", GRACE_MS: "", HOME: "/root" },
    );
    expect(settings).toEqual({ PORT: 8080, GRACE_MS: 500 });
    expect(Object.isFrozen(settings)).toBe(true);
  });

  test("lists every problem with variable, value and expected form", () => {
    const schema = z.object({
      PORT: port(),
      GRACE_MS: durationMs({ min: 10, max: 60_000 }),
      POOL: token().default("default"),
    });
    expect(problemsOf(() => readSettings(schema, { GRACE_MS: "5s", POOL: "a.b" }))).toEqual([
      { variable: "PORT", given: undefined, expected: "expected a TCP port, a whole number from 0 to 65535" },
      {
        variable: "GRACE_MS",
        given: "5s",
        expected: "expected milliseconds, a whole number from 10 to 60000",
      },
      { variable: "POOL", given: "a.b", expected: "expected a name of 1 to 64 of A-Z a-z 0-9 _ -" },
    ]);
  });

  test("says everything in its message", () => {
    expect(() => readSettings(z.object({ PORT: port(), LEVEL: logLevel() }), { LEVEL: "maybe" })).toThrow(
      [
        "the configuration is wrong:",
        "PORT is not set: expected a TCP port, a whole number from 0 to 65535",
        'LEVEL="maybe": expected one of debug, info, warn, error, silent',
      ].join("\n  "),
    );
  });

  test("tells a rule between variables without naming one", () => {
    const schema = z
      .object({ GRACE_MS: durationMs(), DRAIN_MS: durationMs() })
      .refine(({ GRACE_MS, DRAIN_MS }) => GRACE_MS < DRAIN_MS, "GRACE_MS must be below DRAIN_MS");
    expect(problemsOf(() => readSettings(schema, { GRACE_MS: "5", DRAIN_MS: "5" }))).toEqual([
      { variable: "", given: undefined, expected: "GRACE_MS must be below DRAIN_MS" },
    ]);
  });

  test("shows neither secrets nor the user part of a URL", () => {
    const refuse = setting("something else", () => undefined);
    const schema = z.object({
      API_KEY: refuse,
      NATS_PASSWORD: refuse,
      NATS_URL: refuse,
      ODD_URL: refuse,
      BARE_URL: refuse,
      SLASHED_URL: refuse,
      KEYBOARD: refuse,
    });
    const environment = {
      API_KEY: "abc",
      NATS_PASSWORD: "abc",
      NATS_URL: "nats://me:abc@one:4222,nats://two",
      ODD_URL: "nats://me:a bc@d@one",
      BARE_URL: "me:abc@one",
      SLASHED_URL: "nats://me:a/b,c@one",
      KEYBOARD: "us",
    };
    expect(problemsOf(() => readSettings(schema, environment)).map(({ given }) => given)).toEqual([
      "[redacted]",
      "[redacted]",
      "nats://[redacted]@one:4222,nats://two",
      "nats://[redacted]@one",
      "[redacted]@one",
      "nats://[redacted]@one",
      "us",
    ]);
  });
});

describe("pieces of a settings schema", () => {
  test.each([
    { name: "integer", piece: integer({ unit: "items", min: 1 }), text: "12", value: 12 },
    { name: "negative integer", piece: integer({ unit: "items" }), text: "-3", value: -3 },
    { name: "durationMs", piece: durationMs(), text: " 250 ", value: 250 },
    { name: "port", piece: port(), text: "0", value: 0 },
    { name: "token", piece: token(), text: "gpu_pool-1", value: "gpu_pool-1" },
    { name: "list", piece: list(), text: "a, b,,c", value: ["a", "b", "c"] },
    { name: "logLevel", piece: logLevel(), text: "warn", value: "warn" },
  ])("$name reads $text", ({ piece, text, value }) => {
    expect(piece.parse(text)).toEqual(value);
  });

  test.each([
    { name: "integer", piece: integer({ unit: "items", min: 1 }), text: "0" },
    { name: "integer", piece: integer({ unit: "items" }), text: "1.5" },
    { name: "integer", piece: integer({ unit: "items" }), text: "1e3" },
    { name: "durationMs", piece: durationMs(), text: "-1" },
    { name: "durationMs", piece: durationMs({ max: 10 }), text: "11" },
    { name: "port", piece: port(), text: "65536" },
    { name: "token", piece: token(), text: "a b" },
    { name: "token", piece: token(), text: "a".repeat(65) },
    { name: "list", piece: list(), text: " , " },
    { name: "logLevel", piece: logLevel(), text: "verbose" },
  ])("$name refuses $text", ({ piece, text }) => {
    expect(piece.safeParse(text).success).toBe(false);
  });

  test("secret keeps its text to itself", () => {
    const value = secret().parse("hunter2");
    expect(value.reveal()).toBe("hunter2");
    expect(JSON.stringify({ value })).not.toContain("hunter2");
  });
});

describe("readOrExit()", () => {
  const host = (written: string[]) => ({
    stderr: { write: (text: string) => written.push(text) },
    exit: (code: number): never => {
      throw new Error(`exit ${code}`);
    },
  });

  test("returns what was read", () => {
    expect(readOrExit(() => 5, host([]))).toBe(5);
  });

  test("prints every problem and exits 2", () => {
    const written: string[] = [];
    const read = () => readSettings(z.object({ PORT: port() }), {});
    expect(() => readOrExit(read, host(written))).toThrow("exit 2");
    expect(written.join("")).toContain("PORT is not set");
  });

  test("lets other errors through", () => {
    expect(() => readOrExit(() => JSON.parse("{"), host([]))).toThrow(SyntaxError);
  });
});
