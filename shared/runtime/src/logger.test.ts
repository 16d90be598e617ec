import { inspect } from "node:util";
import { InferenceError } from "@sluice/protocol";
import { describe, expect, test } from "vitest";
import { createLogger, type LogLevel, silentLogger } from "./logger.ts";
import { Secret } from "./secret.ts";

function capture(level: LogLevel = "debug") {
  const lines: string[] = [];
  const log = createLogger({ service: "worker", level, write: (line) => lines.push(line) });
  return { log, lines, entries: () => lines.map((line): Record<string, unknown> => JSON.parse(line)) };
}

describe("createLogger()", () => {
  test("writes one JSON object a line with service, level, time and fields", () => {
    const { log, lines, entries } = capture();
    log.info("batch completed", { batchSize: 3 });
    expect(lines[0]).toMatch(/\}\n$/);
    expect(entries()).toEqual([
      {
        level: "info",
        service: "worker",
        msg: "batch completed",
        batchSize: 3,
        time: expect.stringMatching(/Z$/),
      },
    ]);
  });

  test("writes nothing below its level", () => {
    const { log, entries } = capture("warn");
    log.debug("a");
    log.info("b");
    log.warn("c");
    log.error("d");
    expect(entries().map(({ level }) => level)).toEqual(["warn", "error"]);
  });

  test("adds a child's fields to its lines", () => {
    const { log, entries } = capture();
    log.child({ pool: "gpu" }).child({ model: "echo" }).info("model loaded", { loadMs: 5 });
    expect(entries()[0]).toMatchObject({ service: "worker", pool: "gpu", model: "echo", loadMs: 5 });
  });

  test("writes an error with its code, stack and cause", () => {
    const { log, entries } = capture();
    const err = new InferenceError("unavailable", "no worker", { cause: new Error("it crashed") });
    log.error("request failed", { err });
    expect(entries()[0]?.["err"]).toMatchObject({
      type: "InferenceError",
      code: "unavailable",
      message: expect.stringContaining("no worker"),
      stack: expect.stringContaining("it crashed"),
    });
  });

  test("never writes a secret", () => {
    const { log, lines } = capture();
    const secret = new Secret("hunter2");
    log.info("configuration read", { token: secret, nested: { list: [secret] } });
    expect(lines[0]).toContain("[redacted]");
    expect(lines[0]).not.toContain("hunter2");
  });
});

describe("silentLogger", () => {
  test("takes everything and is its own child", () => {
    silentLogger.error("nothing happened");
    expect(silentLogger.child({ a: 1 })).toBe(silentLogger);
  });
});

describe("Secret", () => {
  test("shows its text to reveal() alone", () => {
    const secret = new Secret("hunter2");
    expect(secret.reveal()).toBe("hunter2");
    expect([String(secret), JSON.stringify({ secret }), inspect({ secret })].join("")).not.toContain(
      "hunter2",
    );
  });
});
