import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { silentLogger } from "@sluice/runtime";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { resolveNatsServer } from "./resolve-nats-server.ts";

describe("resolveNatsServer()", () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "sluice-resolve-"));
  });

  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  /** Makes `<folder>/<subfolder>/nats-server`, a script that says it is this version, and gives its folder. */
  async function makeServer(subfolder: string, version: string): Promise<string> {
    const serverFolder = join(folder, subfolder);
    await mkdir(serverFolder, { recursive: true });
    const script = `#!/bin/sh\necho "nats-server: v${version}"\n`;
    await writeFile(join(serverFolder, "nats-server"), script, { mode: 0o755 });
    return serverFolder;
  }

  const resolveIn = async (env: Record<string, string>): Promise<unknown> =>
    resolveNatsServer({ env, log: silentLogger, cacheFolder: join(folder, "cache") });

  test("takes the server that SLUICE_NATS_SERVER names before any other", async () => {
    const path = join(await makeServer("chosen", "2.9.10"), "nats-server");
    const PATH = await makeServer("bin", "2.15.1");

    expect(await resolveIn({ SLUICE_NATS_SERVER: path, PATH })).toEqual({ path, version: "2.9.10" });
  });

  test("replaces no chosen server that cannot be used", async () => {
    const path = join(folder, "missing");
    const PATH = await makeServer("bin", "2.15.1");

    await expect(resolveIn({ SLUICE_NATS_SERVER: path, PATH })).rejects.toMatchObject({
      code: "invalidArgument",
      message: `SLUICE_NATS_SERVER must name a nats-server: there is no command ${path}`,
    });
  });

  test("takes the server on PATH before one in the cache", async () => {
    await makeServer("cache/sluice/nats-server/2.15.1", "2.15.1");
    const PATH = [join(folder, "empty"), await makeServer("bin", "2.10.27"), "/bin", "/usr/bin"].join(
      delimiter,
    );

    expect(await resolveIn({ PATH })).toEqual({ path: "nats-server", version: "2.10.27" });
  });

  test("takes the cached server when the one on PATH is too old", async () => {
    const cached = await makeServer("cache/sluice/nats-server/2.15.1", "2.15.1");
    const PATH = await makeServer("bin", "2.8.4");

    expect(await resolveIn({ PATH })).toEqual({ path: join(cached, "nats-server"), version: "2.15.1" });
  });
});
