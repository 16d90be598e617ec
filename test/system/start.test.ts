import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { createInterface } from "node:readline";
import { describe, expect, test } from "vitest";
import { root } from "./dev-process.ts";
import { allGone, processTree } from "./process-tree.ts";

/** Runs what `npm start` runs, with a build of its own. Not by npm, which would put the workspace's commands before it. */
async function startWithBuild(script: string) {
  const folder = await mkdtemp(join(tmpdir(), "sluice-start-"));
  await writeFile(join(folder, "turbo"), `#!/bin/sh\n${script}\n`);
  await chmod(join(folder, "turbo"), 0o755);
  const child = spawn(process.execPath, [join(root, "services", "cli", "bin", "start.js")], {
    cwd: root,
    env: { ...process.env, PATH: `${folder}${delimiter}${process.env["PATH"]}` },
    detached: true,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "exit");
  return {
    pid: child.pid ?? 0,
    lines: createInterface({ input: child.stdout }),
    ended: ended.then(() => child.exitCode),
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

describe("npm start", () => {
  test.each([
    ["SIGTERM", 143],
    ["SIGINT", 130],
  ] as const)("ends its build with it when %s comes while it builds", async (signal, exitCode) => {
    await using start = await startWithBuild("sleep 600 & echo building; wait");
    for await (const line of start.lines) if (line === "building") break;
    const tree = processTree(start.pid);
    expect(tree.length).toBe(3);
    process.kill(start.pid, signal);
    expect(await start.ended).toBe(exitCode);
    await allGone(tree, 5_000);
  });

  test("starts nothing where the build fails, and ends with its exit code", async () => {
    await using start = await startWithBuild("exit 3");
    expect(await start.ended).toBe(3);
  });
});
