import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { isStillRunning, processStart } from "./process-start.ts";

describe("isStillRunning()", () => {
  const pid = process.ppid;

  test("knows a process by its number and its start", () => {
    expect(isStillRunning({ pid, start: processStart(pid) })).toBe(true);
  });

  test.skipIf(processStart(pid) === "")(
    "takes one of the same number that started at another time for another",
    () => {
      expect(processStart(pid)).toBe(processStart(pid));
      expect(isStillRunning({ pid, start: `${processStart(pid)}0` })).toBe(false);
    },
  );

  test("goes by the number alone where the start is not known", () => {
    expect(isStillRunning({ pid, start: "" })).toBe(true);
  });

  test("says no of a process that is gone", () => {
    const gone = spawnSync(process.execPath, ["--version"], { timeout: 10_000 }).pid;
    expect(processStart(gone)).toBe("");
    expect(isStillRunning({ pid: gone, start: "" })).toBe(false);
  });
});
