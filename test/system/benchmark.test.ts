import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect, test } from "vitest";
import { root } from "./dev-process.ts";
import { allGone, processTree } from "./process-tree.ts";

const benchmark = join(root, "test", "dist", "benchmark", "main.js");

test("a benchmark that is interrupted leaves no process", { timeout: 60_000 }, async () => {
  const words = ["overhead", "--arms", "sluice", "--layouts", "1x1", "--warm-up-ms", "60000"];
  const child = spawn(process.execPath, [benchmark, ...words], { stdio: ["ignore", "ignore", "pipe"] });
  const ended = once(child, "exit");
  for await (const line of createInterface({ input: child.stderr })) if (line.includes("warming")) break;
  const tree = processTree(child.pid ?? 0);
  // nats-server, the three services, the client, and the benchmark itself.
  expect(tree.length).toBeGreaterThanOrEqual(6);
  child.kill("SIGINT");
  await ended;
  expect(child.exitCode).toBe(130);
  await allGone(tree, 5_000);
});
