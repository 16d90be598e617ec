import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InferenceError } from "@sluice/protocol";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createBinaryCache } from "./binary-cache.ts";
import { unpackDebianServer } from "./debian-source.ts";
import { createRunCommand, type RunCommand } from "./run-command.ts";

const knownPackage = "nats-server:\n  Installed: (none)\n  Candidate: 2.9.10-1+b3\n";
const unknownPackage = "nats-server:\n  Installed: (none)\n  Candidate: (none)\n";

describe("unpackDebianServer()", () => {
  let cacheFolder: string;
  let commands: string[];

  beforeEach(async () => {
    cacheFolder = await mkdtemp(join(tmpdir(), "sluice-debian-"));
    commands = [];
  });

  afterEach(async () => {
    await rm(cacheFolder, { recursive: true });
  });

  /** Stands for apt: answers `apt-cache policy` in turn, and downloads a package with a server of 2.9.10 in it. */
  function createApt(policies: string[]): RunCommand {
    return async ([file, ...commandArguments], { folder = "" }) => {
      const verb = commandArguments.find((argument) => !/^-o$|=/.test(argument)) ?? "";
      commands.push(`${file} ${verb}`);
      if (verb === "policy") return policies.shift() ?? "";
      if (verb === "download") await writeFile(join(folder, "nats-server_2.9.10_amd64.deb"), "");
      if (file === "dpkg-deb") {
        await mkdir(join(folder, "usr", "sbin"), { recursive: true });
        await writeFile(join(folder, "usr", "sbin", "nats-server"), "");
      }
      return verb === "--version" ? "nats-server: v2.9.10\n" : "";
    };
  }

  const unpack = async (run: RunCommand, { isRoot = false } = {}): Promise<unknown> =>
    unpackDebianServer({ cache: createBinaryCache({ cacheFolder, run }), run, isRoot });

  test("downloads and unpacks the package and installs nothing", async () => {
    const binary = await unpack(createApt([knownPackage]));

    expect(binary).toEqual({
      path: join(cacheFolder, "sluice", "nats-server", "2.9.10", "nats-server"),
      version: "2.9.10",
    });
    expect(commands.slice(0, 3)).toEqual(["apt-cache policy", "apt-get download", "dpkg-deb -x"]);
  });

  test.each([
    ["has no candidate", unknownPackage],
    ["is not in any list", ""],
  ])("tells a user to fetch the lists when the package %s", async (_name, policy) => {
    await expect(unpack(createApt([policy]))).rejects.toThrow("run `sudo apt-get update`");
    expect(commands).toEqual(["apt-cache policy"]);
  });

  test("fetches the lists itself as root", async () => {
    const binary = await unpack(createApt([unknownPackage, knownPackage]), { isRoot: true });

    expect(binary).toMatchObject({ version: "2.9.10" });
    expect(commands.slice(0, 4)).toEqual([
      "apt-cache policy",
      "apt-get update",
      "apt-cache policy",
      "apt-get download",
    ]);
  });

  test("gives up when the lists do not help", async () => {
    const attempt = unpack(createApt([unknownPackage, unknownPackage]), { isRoot: true });

    await expect(attempt).rejects.toThrow("even after `apt-get update`");
  });

  test("says so on a system without apt", async () => {
    const run: RunCommand = async ([file]) => {
      throw new InferenceError("unavailable", `there is no command ${file}`);
    };

    await expect(unpack(run)).rejects.toThrow("there is no command apt-cache");
  });

  test("says why a package could not be downloaded", async () => {
    const apt = createApt([knownPackage]);
    const run: RunCommand = async (command, options) => {
      if (command.includes("download")) throw new InferenceError("unavailable", "apt-get failed: no network");
      return apt(command, options);
    };

    await expect(unpack(run)).rejects.toThrow("apt-get failed: no network");
    expect(await readdir(join(cacheFolder, "sluice", "nats-server"))).toEqual([]);
  });

  test("gets a server from this machine's Debian", { timeout: 120_000 }, async (context) => {
    const run = createRunCommand({ env: process.env });
    // What apt itself cannot do here is not a fault of the code.
    const probe = await mkdtemp(join(tmpdir(), "sluice-apt-"));
    try {
      await run(["apt-get", "download", "nats-server"], { folder: probe, timeoutMs: 30_000 });
    } catch (error) {
      context.skip(`apt-get gets no package here: ${InferenceError.from(error).message}`);
    } finally {
      await rm(probe, { recursive: true });
    }

    expect(await unpack(run)).toMatchObject({ version: expect.stringMatching(/^2\.\d+\.\d+$/) });
  });
});
