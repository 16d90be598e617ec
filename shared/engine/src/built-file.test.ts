import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { builtFile } from "./built-file.ts";

describe("builtFile()", () => {
  let folder: string;

  beforeEach(async () => {
    // A folder named src above the package must not be taken for the package's own.
    folder = join(await mkdtemp(join(tmpdir(), "sluice-built-")), "src", "package");
    await mkdir(join(folder, "dist", "deep"), { recursive: true });
    await writeFile(join(folder, "dist", "deep", "thread.js"), "");
  });

  afterEach(() => rm(join(folder, "..", ".."), { recursive: true }));

  test.each(["src/deep/starter.ts", "dist/deep/starter.js"])("finds the compiled file from %s", (asking) => {
    const found = builtFile("./thread.js", pathToFileURL(join(folder, asking)).href);
    expect(found).toBe(join(folder, "dist", "deep", "thread.js"));
  });

  test("says what to do when nothing was compiled", () => {
    const moduleUrl = pathToFileURL(join(folder, "src", "other.ts")).href;
    expect(() => builtFile("./other.js", moduleUrl)).toThrow('run "npm run build" first');
  });
});
