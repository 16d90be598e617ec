import { mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createLogFile } from "./log-file.ts";

describe("createLogFile()", () => {
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "sluice-log-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test("keeps lines at once, behind those of earlier runs", () => {
    const path = join(folder, "worker.log");
    createLogFile(path, () => {}).write("one");
    createLogFile(path, () => {}).write("two");
    expect(readFileSync(path, "utf8")).toBe("one\ntwo\n");
  });

  test("leaves out what cannot be written, says so once for each time that it begins, and goes on when it can", () => {
    const path = join(folder, "worker.log");
    const failures: unknown[] = [];
    const log = createLogFile(path, (error) => failures.push(error));
    mkdirSync(path);
    log.write("lost");
    log.write("lost too");
    expect(failures).toEqual([expect.objectContaining({ code: "EISDIR" })]);
    rmdirSync(path);
    log.write("kept");
    expect(readFileSync(path, "utf8")).toBe("kept\n");
    rmSync(path);
    mkdirSync(path);
    log.write("lost");
    expect(failures).toHaveLength(2);
  });
});
