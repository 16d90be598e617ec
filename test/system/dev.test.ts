import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { startDev } from "./dev-process.ts";
import { allGone } from "./process-tree.ts";

/** Four drains, each far shorter than its limit on an idle stack. */
const drainTimeoutMs = 20_000;
const testTimeoutMs = 150_000;

function stopOrder(output: string): readonly string[] {
  return Array.from(output.matchAll(/^(\S+)\s+stopped/gm), (match) => match[1] ?? "");
}

describe("sluice dev", () => {
  test(
    "answers a real request, and Ctrl-C that arrives twice drains in order and leaves no process",
    async () => {
      await using dev = await startDev();
      expect(await dev.printed("Wo ist der Bahnhof?")).toContain("deu");
      expect(existsSync(join(dev.dataFolder, "dev.json"))).toBe(true);
      const pids = dev.tree();
      expect(pids.length).toBeGreaterThanOrEqual(5);

      dev.signalGroup("SIGINT");
      dev.signalGroup("SIGINT");
      expect(await dev.exited).toBe(0);
      await allGone(pids, drainTimeoutMs);
      expect(stopOrder(dev.output())).toEqual(["dispatcher", "worker", "results", "nats-server"]);
      expect(dev.output()).not.toContain("killed");
      expect(existsSync(join(dev.dataFolder, "dev.json"))).toBe(false);
    },
    testTimeoutMs,
  );

  test(
    "SIGTERM to npm start's process leaves no process",
    async () => {
      await using dev = await startDev({ command: ["npm", "start"] });
      const pids = dev.tree();
      dev.signal("SIGTERM");
      await dev.exited;
      await allGone(pids, drainTimeoutMs);
      expect(stopOrder(dev.output())).toEqual(["dispatcher", "worker", "results", "nats-server"]);
    },
    testTimeoutMs,
  );

  test(
    "Ctrl-C in the terminal of npm start leaves no process",
    async () => {
      await using dev = await startDev({ command: ["npm", "start"] });
      const pids = dev.tree();
      dev.signalGroup("SIGINT");
      await dev.exited;
      await allGone(pids, drainTimeoutMs);
      expect(dev.output()).not.toContain("killed");
    },
    testTimeoutMs,
  );

  test(
    "when it is killed itself, its services drain and end all the same",
    async () => {
      await using dev = await startDev();
      const pids = dev.tree();
      dev.signal("SIGKILL");
      await dev.exited;
      await allGone(pids, drainTimeoutMs);
    },
    testTimeoutMs,
  );

  test(
    "a worker that is killed is started again, and the stack answers as before",
    async () => {
      await using dev = await startDev();
      const worker = Number(/^worker .*ready.*\(process (\d+)\)/m.exec(dev.output())?.[1]);
      process.kill(worker, "SIGKILL");
      await dev.printed("ended unasked with signal SIGKILL");
      await expect.poll(() => dev.output().match(/^worker .*ready/gm)?.length, { timeout: 30_000 }).toBe(2);
    },
    testTimeoutMs,
  );

  test(
    "a model repository that cannot be loaded fails the start with the worker's own words, and leaves no process",
    async () => {
      const start = startDev({ env: { SLUICE_MODEL_REPOSITORY: "/nonexistent" } });
      await expect(start).rejects.toThrow(/error: notFound: there is no model repository at \/nonexistent/);
    },
    testTimeoutMs,
  );
});
