import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createLogFolder } from "../data-folder.ts";
import { readDevState, removeDevState, writeDevState } from "./dev-state.ts";

describe("the state file of sluice dev", () => {
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "sluice-dev-state-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const state = { pid: process.pid, url: "nats://127.0.0.1:1", isOfDev: true, statusUrls: {} };

  test("is read back while its process lives, and forgotten when removed", () => {
    writeDevState(folder, state);
    expect(readDevState(folder)).toEqual(state);
    removeDevState(folder);
    expect(readDevState(folder)).toBeUndefined();
  });

  test("of a process that is gone is ignored and removed", () => {
    const gone = spawnSync(process.execPath, ["--version"], { timeout: 10_000 }).pid;
    writeDevState(folder, { ...state, pid: gone });
    expect(readDevState(folder)).toBeUndefined();
    expect(existsSync(join(folder, "dev.json"))).toBe(false);
  });

  test("of a process whose number another one has now is ignored and removed", () => {
    writeFileSync(join(folder, "dev.json"), JSON.stringify({ ...state, pid: process.ppid, start: "1" }));
    expect(readDevState(folder)).toBeUndefined();
    expect(existsSync(join(folder, "dev.json"))).toBe(false);
  });

  test("counts as absent where the data folder is a file, which cannot be made one", () => {
    const file = join(folder, "file");
    writeFileSync(file, "");
    expect(readDevState(file)).toBeUndefined();
    expect(() => createLogFolder(file)).toThrow(
      expect.objectContaining({ code: "invalidArgument", message: `the data folder ${file} cannot be used` }),
    );
  });

  test("is named where it cannot be read or written", () => {
    mkdirSync(join(folder, "dev.json"));
    expect(() => writeDevState(folder, state)).toThrow(`${join(folder, "dev.json")} cannot be written`);
    expect(() => readDevState(folder)).toThrow(`${join(folder, "dev.json")} cannot be read`);
  });

  test.each(["", "{", '{"pid":1}', "[]"])("that reads %j counts as absent", (text) => {
    writeFileSync(join(folder, "dev.json"), text);
    expect(readDevState(folder)).toBeUndefined();
  });
});
