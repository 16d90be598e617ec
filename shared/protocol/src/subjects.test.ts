import { describe, expect, test } from "vitest";
import { InferenceError } from "./error.ts";
import { checkReplySubject, isInbox, parseSubject, subjects, type ParsedSubject } from "./subjects.ts";

const rows: readonly (readonly [built: string, subject: string, parsed: ParsedSubject])[] = [
  [subjects.infer("m", "t"), "sluice.v1.infer.m.t", { kind: "infer", model: "m", tenant: "t" }],
  [subjects.cancel("m", "t"), "sluice.v1.cancel.m.t", { kind: "cancel", model: "m", tenant: "t" }],
  [subjects.credit("p"), "sluice.v1.credit.p", { kind: "credit", pool: "p" }],
  [subjects.work("m", "w"), "sluice.v1.work.m.w", { kind: "work", model: "m", worker: "w" }],
  [subjects.heartbeat("p", "w"), "sluice.v1.heartbeat.p.w", { kind: "heartbeat", pool: "p", worker: "w" }],
  [subjects.profile("p", "w"), "sluice.v1.profile.p.w", { kind: "profile", pool: "p", worker: "w" }],
  [subjects.results(), "sluice.v1.results", { kind: "results" }],
  [subjects.resultsInstance("i"), "sluice.v1.results.i", { kind: "resultsInstance", instance: "i" }],
  [subjects.reply("t", "c"), "sluice.v1.reply.t.c", { kind: "reply", tenant: "t", connection: "c" }],
  [subjects.handover("p"), "sluice.v1.handover.p", { kind: "handover", pool: "p" }],
  [subjects.inspect("p"), "sluice.v1.inspect.p", { kind: "inspect", pool: "p" }],
  [subjects.quota("d"), "sluice.v1.quota.d", { kind: "quota", dispatcher: "d" }],
  [subjects.poolEvent("p"), "sluice.v1.event.pool.p", { kind: "poolEvent", pool: "p" }],
];

describe("subjects", () => {
  test.each(rows)("builds and parses %s", (built, subject, parsed) => {
    expect(built).toBe(subject);
    expect(parseSubject(subject)).toEqual(parsed);
  });

  test.each([
    [subjects.inferAll("m"), "sluice.v1.infer.m.*"],
    [subjects.cancelAll("m"), "sluice.v1.cancel.m.*"],
    [subjects.workAll("w"), "sluice.v1.work.*.w"],
    [subjects.heartbeatAll(), "sluice.v1.heartbeat.*.*"],
    [subjects.profileAll(), "sluice.v1.profile.*.*"],
    [subjects.handoverAll(), "sluice.v1.handover.*"],
    [subjects.poolEventAll(), "sluice.v1.event.pool.*"],
  ])("builds the wildcard %s, which parses to nothing", (built, subject) => {
    expect(built).toBe(subject);
    expect(parseSubject(subject)).toBeUndefined();
  });

  test.each(["", "a.b", "*", ">", "a b", "ä", "a\n", "x".repeat(65)])("refuses the token %j", (token) => {
    expect(() => subjects.infer(token, "t")).toThrow(InferenceError);
    expect(() => subjects.infer("m", token)).toThrow(InferenceError);
    expect(() => subjects.inferAll(token)).toThrow("expected 1 to 64 of A-Z a-z 0-9 _ -");
  });

  test.each([undefined, null, 5])("refuses %j for a token", (token) => {
    expect(() => Reflect.apply(subjects.infer, undefined, [token, "t"])).toThrow(InferenceError);
    expect(() => Reflect.apply(subjects.infer, undefined, ["m", token])).toThrow(InferenceError);
  });

  test("takes tokens of every allowed character, up to 64", () => {
    const longest = `AZaz09_-${"x".repeat(56)}`;
    expect(parseSubject(subjects.credit(longest))).toEqual({ kind: "credit", pool: longest });
  });

  test.each([
    "",
    "sluice.v1.",
    "sluice.v1.infer",
    "sluice.v1.infer.m",
    "sluice.v1.infer.m.t.x",
    "sluice.v1.infer..t",
    "sluice.v1.event.other.p",
    "sluice.v1.unknown.a",
    "sluice.v2.credit.p",
    "other.credit.p",
  ])("parses %j to nothing", (subject) => {
    expect(parseSubject(subject)).toBeUndefined();
  });
});

describe("checkReplySubject()", () => {
  test.each(["sluice.v1.reply.acme.c1", "sluice.v1.reply.acme.c1.7", "_INBOX.abc", "_INBOX.abc.1"])(
    "lets %j be answered",
    (reply) => {
      expect(checkReplySubject(reply, "acme")).toBe(true);
    },
  );

  test.each([
    "",
    "sluice.v1.reply.other.c1",
    "sluice.v1.reply.acmeother.c1",
    "sluice.v1.reply.acme",
    "sluice.v1.reply.acme.",
    "sluice.v1.reply.acme.*",
    "sluice.v1.reply.acme.>",
    "sluice.v1.credit.p",
    "$JS.API.STREAM.LIST",
    "_INBOX",
    "_INBOX.",
    "_INBOX..a",
    "_INBOX.a b",
    "_INBOX.a\r\nPUB",
    "_INBOX.*",
    `_INBOX.${"x".repeat(256)}`,
  ])("refuses %j", (reply) => {
    expect(checkReplySubject(reply, "acme")).toBe(false);
  });

  test("refuses a tenant that is no token", () => {
    expect(checkReplySubject("sluice.v1.reply.acme.c1", "")).toBe(false);
  });
});

describe("isInbox()", () => {
  test.each([
    ["_INBOX.abc", true],
    ["_INBOX.abc.1", true],
    ["_INBOX.", false],
    ["_INBOX.*", false],
    ["_INBOX.a\r\nPUB", false],
    ["sluice.v1.reply.acme.c1", false],
    ["", false],
  ])("of %j is %s", (reply, expected) => {
    expect(isInbox(reply)).toBe(expected);
  });
});
