import { describe, expect, test } from "vitest";
import { InferenceError } from "./error.ts";
import {
  changeTenantRecord,
  decodeDefaultClassRecord,
  decodeGroupRecord,
  decodeTenantRecord,
} from "./tenant-record.ts";

function bytesOf(record: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(record));
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

describe("tenant records", () => {
  test("have a default for every field that is missing", () => {
    const nothing = bytesOf({});
    expect(decodeTenantRecord(nothing)).toEqual({ weight: 1, group: "", minShare: 0 });
    expect(decodeGroupRecord(nothing)).toEqual({ weight: 1 });
    expect(decodeDefaultClassRecord(nothing)).toEqual({
      weight: 1,
      group: "",
      minShare: 0,
      unknownTenants: "admit",
    });
  });

  test("may say more than this version knows", () => {
    expect(decodeGroupRecord(bytesOf({ weight: 2, region: "eu", rate: "5/s" }))).toEqual({ weight: 2 });
  });

  test.each([
    [{ weight: 0 }, '"weight" is 0, expected a number from 0.001 to 1000'],
    [{ weight: -3 }, '"weight" is -3, expected a number from 0.001 to 1000'],
    [{ weight: 1001 }, '"weight" is 1001, expected a number from 0.001 to 1000'],
    [{ weight: "heavy" }, '"weight" is "heavy", expected a number from 0.001 to 1000'],
    [{ weight: null }, '"weight" is null, expected a number from 0.001 to 1000'],
    [{ group: "a b" }, '"group" is "a b", expected 1 to 64 of A-Z a-z 0-9 _ -'],
    [{ class: "first" }, '"class" is "first", expected one of urgent, normal, background'],
    [{ class: null }, '"class" is null, expected one of urgent, normal, background'],
    [{ minShare: 1.5 }, '"minShare" is 1.5, expected a number from 0 to 1'],
    [{ maxInFlight: 0 }, `"maxInFlight" is 0, expected a whole number from 1 to ${Number.MAX_SAFE_INTEGER}`],
    [
      { maxInFlight: 2.5 },
      `"maxInFlight" is 2.5, expected a whole number from 1 to ${Number.MAX_SAFE_INTEGER}`,
    ],
    [{ maxQueueSeconds: 0 }, '"maxQueueSeconds" is 0, expected a number above 0'],
    [{ maxQueueSeconds: -1 }, '"maxQueueSeconds" is -1, expected a number above 0'],
    [{ maxQueueSeconds: "1s" }, '"maxQueueSeconds" is "1s", expected a number above 0'],
    [{ rateMsPerSecond: 0 }, '"rateMsPerSecond" is 0, expected a number above 0'],
    [{ burstMs: "1s" }, '"burstMs" is "1s", expected a number above 0'],
    [{ dailyBudgetSeconds: -1 }, '"dailyBudgetSeconds" is -1, expected a number above 0'],
    [{ monthlyBudgetSeconds: null }, '"monthlyBudgetSeconds" is null, expected a number above 0'],
    [{ models: "echo" }, '"models" is "echo", expected a list'],
    [{ models: ["echo", ""] }, '"models" is "", expected 1 to 64 of A-Z a-z 0-9 _ -'],
    [
      { models: Array.from({ length: 1025 }, () => "m") },
      '"models" is a list of 1025, expected at most 1024',
    ],
    [{ unknownTenants: "maybe" }, '"unknownTenants" is "maybe", expected one of admit, deny'],
    [[], '"default class record" is a list of 0, expected a map'],
  ])("are refused naming field, value and what was expected: %j", (record, message) => {
    expect(() => decodeDefaultClassRecord(bytesOf(record))).toThrow(
      new InferenceError("invalidArgument", message),
    );
  });
});

describe("changeTenantRecord()", () => {
  test("begins a record with what is changed", () => {
    expect(textOf(changeTenantRecord(undefined, { weight: 3 }))).toBe('{"weight":3}');
  });

  test("leaves what is not named as it is, even what only a later version knows", () => {
    const before = bytesOf({ weight: 3, rate: "5/s", models: ["a"] });
    expect(textOf(changeTenantRecord(before, { weight: 4 }))).toBe(
      '{"weight":4,"rate":"5/s","models":["a"]}',
    );
  });

  test("takes away what is undefined", () => {
    const before = bytesOf({ weight: 3, maxInFlight: 8 });
    expect(textOf(changeTenantRecord(before, { maxInFlight: undefined }))).toBe('{"weight":3}');
  });

  test.each(["[]", "3", "{"])("refuses to change %s", (text) => {
    expect(() => changeTenantRecord(new TextEncoder().encode(text), {})).toThrow(InferenceError);
  });
});
