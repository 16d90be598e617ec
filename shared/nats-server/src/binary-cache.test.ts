import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type BinaryCache, createBinaryCache } from "./binary-cache.ts";
import { createRunCommand } from "./run-command.ts";

describe("createBinaryCache()", () => {
  let cacheFolder: string;
  let folder: string;
  let cache: BinaryCache;

  beforeEach(async () => {
    cacheFolder = await mkdtemp(join(tmpdir(), "sluice-cache-"));
    folder = join(cacheFolder, "sluice", "nats-server");
    cache = createBinaryCache({ cacheFolder, run: createRunCommand({ env: process.env }) });
  });

  afterEach(async () => {
    await rm(cacheFolder, { recursive: true });
  });

  async function unpackVersion(version: string, stagingFolder: string): Promise<string> {
    const path = join(stagingFolder, "unpacked");
    await writeFile(path, `#!/bin/sh\necho "nats-server: v${version}"\n`);
    return path;
  }

  const install = async (version: string): Promise<unknown> =>
    cache.install(async (stagingFolder) => unpackVersion(version, stagingFolder));

  test("finds nothing in a cache that does not exist", async () => {
    await expect(cache.find()).rejects.toThrow(`nothing in ${folder}`);
  });

  test("finds what was installed", async () => {
    const installed = await install("2.15.1");

    expect(installed).toEqual({ path: join(folder, "2.15.1", "nats-server"), version: "2.15.1" });
    expect(await cache.find()).toEqual(installed);
  });

  test("prefers the newest version", async () => {
    await install("2.15.1");
    await install("2.9.10");

    expect(await cache.find()).toMatchObject({ version: "2.15.1" });
  });

  test("passes over a copy that does not run", async () => {
    await install("2.9.10");
    await mkdir(join(folder, "2.15.1"));
    await writeFile(join(folder, "2.15.1", "nats-server"), "damaged");

    expect(await cache.find()).toMatchObject({ version: "2.9.10" });
  });

  test("replaces a copy that does not run", async () => {
    await mkdir(join(folder, "2.15.1"), { recursive: true });
    await writeFile(join(folder, "2.15.1", "nats-server"), "damaged");
    await expect(cache.find()).rejects.toThrow("EACCES");

    await install("2.15.1");

    expect(await cache.find()).toMatchObject({ version: "2.15.1" });
  });

  test("shows an installation to others only when it is complete", async () => {
    await cache.install(async (stagingFolder) => {
      const path = await unpackVersion("2.15.1", stagingFolder);
      await expect(cache.find()).rejects.toThrow(`nothing in ${folder}`);
      return path;
    });

    expect(await cache.find()).toMatchObject({ version: "2.15.1" });
  });

  test("lets several processes install the same version at once", async () => {
    const installed = await Promise.all(["2.15.1", "2.15.1", "2.15.1"].map(install));

    for (const binary of installed) expect(binary).toEqual(await cache.find());
    expect(await readdir(folder)).toEqual(["2.15.1"]);
  });

  test.each([
    [
      "cannot be unpacked",
      async () => Promise.reject(new Error("the archive is damaged")),
      "the archive is damaged",
    ],
    ["is missing", async (stagingFolder: string) => join(stagingFolder, "missing"), "ENOENT"],
    ["is too old", async (stagingFolder: string) => unpackVersion("2.8.4", stagingFolder), "is 2.8.4"],
  ] as const)("keeps nothing of a binary that %s", async (_name, unpack, reason) => {
    await expect(cache.install(unpack)).rejects.toThrow(reason);

    expect(await readdir(folder)).toEqual([]);
  });
});
