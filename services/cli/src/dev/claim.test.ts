import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { claimDataFolder } from "./claim.ts";

describe("claimDataFolder()", () => {
  let folder = "";
  let claimPath = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "sluice-claim-"));
    claimPath = join(folder, "dev.claim");
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const gone = spawnSync(process.execPath, ["--version"], { timeout: 10_000 }).pid;
  const living = process.ppid;
  const own = { pid: process.pid, guardPid: gone };

  test("lets one process have a data folder, until it gives it back", () => {
    const claim = claimDataFolder(folder, { pid: living, guardPid: gone });
    expect(() => claimDataFolder(folder, own)).toThrow(
      expect.objectContaining({
        code: "unavailable",
        message: `another \`sluice dev\` (process ${living}) is using ${folder}: use it, or stop it first`,
      }),
    );
    claim.release();
    claimDataFolder(folder, own).release();
    expect(readdirSync(folder)).toEqual([]);
  });

  test("refuses it while the guard of a killed process still stops what that left", () => {
    claimDataFolder(folder, { pid: gone, guardPid: living });
    expect(() => claimDataFolder(folder, own)).toThrow(
      expect.objectContaining({ code: "unavailable", message: expect.stringContaining(`process ${living}`) }),
    );
  });

  test.each([
    ["processes that are gone", `${gone}-${gone}`],
    ["a process of the same number, in a container that was started again", `${process.pid}-${living}`],
    ["processes whose numbers others have now", `${living}-${living}\n1\n2`],
    ["nobody", "something else"],
  ])("takes over what was left behind by %s", (_holder, target) => {
    writeFileSync(claimPath, target);
    claimDataFolder(folder, own).release();
    expect(readdirSync(folder)).toEqual([]);
  });

  test("names a folder that cannot be written", () => {
    const file = join(folder, "file");
    writeFileSync(file, "");
    expect(() => claimDataFolder(file, own)).toThrow(
      expect.objectContaining({ code: "invalidArgument", message: `the data folder ${file} cannot be used` }),
    );
  });
});
