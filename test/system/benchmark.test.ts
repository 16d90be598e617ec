import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect, test } from "vitest";
import { root } from "./dev-process.ts";
import { allGone, processTree } from "./process-tree.ts";

const benchmark = join(root, "test", "dist", "benchmark", "main.js");

test("a benchmark that is interrupted leaves no process", { timeout: 60_000 }, async () => {
  const words = ["overhead", "--arms", "sluice", "--layouts", "1x1", "--warm-up-ms", "60000"];
  // What it had no time to remove.
  const folder = await mkdtemp(join(tmpdir(), "sluice-interrupted-"));
  const child = spawn(process.execPath, [benchmark, ...words], {
    env: { ...process.env, TMPDIR: folder },
    stdio: ["ignore", "ignore", "pipe"],
  });
  const ended = once(child, "exit");
  for await (const line of createInterface({ input: child.stderr })) if (line.includes("warming")) break;
  const tree = processTree(child.pid ?? 0);
  // nats-server, the three services, the client, and the benchmark itself.
  expect(tree.length).toBeGreaterThanOrEqual(6);
  child.kill("SIGINT");
  await ended;
  expect(child.exitCode).toBe(130);
  await allGone(tree, 5_000);
  await rm(folder, { recursive: true });
});
