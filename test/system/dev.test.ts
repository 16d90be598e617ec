import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startNatsServer } from "@sluice/testing";
import { describe, expect, test } from "vitest";
import { startDev } from "./dev-process.ts";
import { allGone } from "./process-tree.ts";
import { publishRaw } from "./raw-nats.ts";

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
    "of two that are started at once in one data folder, one serves and the other says who does",
    async () => {
      await using folder = await temporaryFolder("sluice-claimed-");
      const options = { dataFolder: folder.path };
      const starts = await Promise.allSettled([startDev(options), startDev(options)]);
      const served = starts.flatMap((start) => (start.status === "fulfilled" ? [start.value] : []));
      const refused = starts.flatMap((start) => (start.status === "rejected" ? [start.reason] : []));
      await using dev = served[0];
      await using _other = served[1];
      expect([served.length, refused.length]).toEqual([1, 1]);
      expect(String(refused[0])).toContain(
        `another \`sluice dev\` (process ${dev?.pid}) is using ${folder.path}`,
      );
      expect(await dev?.printed("Wo ist der Bahnhof?")).toContain("deu");
    },
    testTimeoutMs,
  );

  test(
    "SIGTERM to npm start's process drains in order and leaves no process",
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
    "Ctrl-C in the terminal of npm start drains in order and leaves no process",
    async () => {
      await using dev = await startDev({ command: ["npm", "start"] });
      const pids = dev.tree();
      dev.signalGroup("SIGINT");
      await dev.exited;
      await allGone(pids, drainTimeoutMs);
      expect(stopOrder(dev.output())).toEqual(["dispatcher", "worker", "results", "nats-server"]);
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
      const payload = '{"inputs":[{"name":"text","datatype":"BYTES","shape":[1],"data":["Guten Tag"]}]}';
      const message = { subject: "sluice.v1.infer.language-id.demo", inbox: "_INBOX.again", payload };
      const [answer] = await publishRaw(dev.url, message, () => true);
      expect(answer).toMatchObject({ model_name: "language-id" });
    },
    testTimeoutMs,
  );

  test(
    "uses the server that NATS_URL names, and leaves it running",
    async () => {
      await using server = await startNatsServer();
      await using dev = await startDev({ env: { NATS_URL: server.url } });
      expect(dev.url).toBe(server.url);
      expect(await dev.printed("Wo ist der Bahnhof?")).toContain("deu");
      dev.signalGroup("SIGINT");
      expect(await dev.exited).toBe(0);
      expect(stopOrder(dev.output())).toEqual(["dispatcher", "worker", "results"]);
      const message = { subject: "nobody", inbox: "_INBOX.still", payload: "{}" };
      await expect(publishRaw(server.url, message, () => true)).rejects.toThrow("nobody subscribes");
    },
    testTimeoutMs,
  );

  test(
    "a second Ctrl-C, a second after the first, ends everything at once",
    async () => {
      await using repository = await modelRepository(
        "slow",
        "engine: synthetic\nsynthetic: { alphaMs: 60000 }",
      );
      // Measuring a model takes one run of it at least.
      const env = { SLUICE_MODEL_REPOSITORY: repository.path, SLUICE_CALIBRATION_MS: "0" };
      await using dev = await startDev({ env });
      const pids = dev.tree();
      const payload = '{"inputs":[{"name":"input","datatype":"FP32","shape":[1,1],"data":[1]}]}';
      const message = { subject: "sluice.v1.infer.slow.demo", inbox: "_INBOX.second", payload };
      const answered = publishRaw(dev.url, message, () => true).catch(() => []);
      await dev.batchesInFlight(1);

      dev.signalGroup("SIGINT");
      await dev.printed("draining");
      await sleep(1100);
      const secondMs = performance.now();
      dev.signalGroup("SIGINT");
      expect(await dev.exited).toBe(1);
      await allGone(pids, 3000);
      expect(performance.now() - secondMs).toBeLessThan(3000);
      expect(existsSync(join(dev.dataFolder, "dev.json"))).toBe(false);
      await answered;
    },
    testTimeoutMs,
  );

  test(
    "a worker that cannot start fails the start with the worker's own words, and leaves no process",
    async () => {
      await using repository = await modelRepository("broken", "engine: steam");
      const start = startDev({ env: { SLUICE_MODEL_REPOSITORY: repository.path } });
      await expect(start).rejects.toThrow(
        /^error: unavailable: worker ended before it was ready.*broken\/model.yaml/m,
      );
    },
    testTimeoutMs,
  );

  test(
    "a model repository that is not there fails before anything is started",
    async () => {
      const start = startDev({ env: { SLUICE_MODEL_REPOSITORY: "/nonexistent" } });
      await expect(start).rejects.toThrow(/error: notFound: there is no model repository at \/nonexistent/);
    },
    testTimeoutMs,
  );
});

interface TemporaryFolder extends AsyncDisposable {
  readonly path: string;
}

async function temporaryFolder(prefix: string): Promise<TemporaryFolder> {
  const path = await mkdtemp(join(tmpdir(), prefix));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** A model repository with one model, whose `model.yaml` says beside its name what `description` does. */
async function modelRepository(name: string, description: string): Promise<TemporaryFolder> {
  const folder = await temporaryFolder("sluice-models-");
  await mkdir(join(folder.path, name));
  await writeFile(join(folder.path, name, "model.yaml"), `name: ${name}\n${description}\n`);
  return folder;
}
