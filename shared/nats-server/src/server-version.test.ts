import { describe, expect, test } from "vitest";
import { formatServerVersion, isSupportedVersion, parseServerVersion } from "./server-version.ts";

describe("parseServerVersion()", () => {
  test.each([
    ["nats-server: v2.15.1\n", "2.15.1"],
    ["nats-server: v2.9.10", "2.9.10"],
    ["nats-server: v2.12.0-RC.3\n", "2.12.0"],
  ])("reads %j as %s", (text, expected) => {
    const version = parseServerVersion(text);

    expect(version && formatServerVersion(version)).toBe(expected);
  });

  test.each(["", "2.15.1", "nats-server: dev", "gnatsd: v1.4.1"])("finds no version in %j", (text) => {
    expect(parseServerVersion(text)).toBeUndefined();
  });
});

describe("isSupportedVersion()", () => {
  test.each([
    ["2.9.10", true],
    ["2.9.9", false],
    ["2.9.25", true],
    ["2.8.99", false],
    ["2.10.0", true],
    ["2.15.1", true],
    ["1.99.99", false],
    ["3.0.0", true],
  ])("judges %s: %s", (text, expected) => {
    const version = parseServerVersion(`nats-server: v${text}`);

    expect(version && isSupportedVersion(version)).toBe(expected);
  });
});
