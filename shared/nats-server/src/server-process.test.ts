import { once } from "node:events";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLogger } from "@sluice/runtime";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { resolveNatsServer } from "./resolve-nats-server.ts";
import type { ServerBinary } from "./server-binary.ts";
import { type ServerProcess, type ServerProcessOptions, startNatsServerProcess } from "./server-process.ts";

describe("startNatsServerProcess()", () => {
  let server: ServerBinary;
  let folder: string;

  beforeAll(async () => {
    server = await resolveNatsServer({ env: process.env, log: silentLogger });
  });

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "sluice-process-"));
  });

  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  const start = async (options: Partial<ServerProcessOptions> = {}): Promise<ServerProcess> =>
    startNatsServerProcess({
      binary: server.path,
      storeFolder: join(folder, "store"),
      log: silentLogger,
      ...options,
    });

  /** A program in place of the server. */
  async function makeProgram(script: string): Promise<string> {
    const path = join(folder, "program");
    await writeFile(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    return path;
  }

  test("resolves when clients can connect", async () => {
    await using running = await start();
    const { hostname, port } = new URL(running.url);
    const socket = connect(Number(port), hostname);
    const [greeting] = await once(socket, "data");
    socket.destroy();

    expect(String(greeting)).toContain('"max_payload":8388608');
    expect(hostname).toBe("127.0.0.1");
    expect(running.version).toBe(server.version);
  });

  test("tells its counters over HTTP where it was asked to, and nowhere else", async () => {
    await using monitored = await start({ monitoring: true });
    const counters = await fetch(new URL("varz", monitored.monitoringUrl));
    expect(await counters.json()).toMatchObject({ version: monitored.version, in_msgs: 0 });
    await using silent = await start({ storeFolder: join(folder, "second") });
    expect(silent.monitoringUrl).toBeUndefined();
  });

  test("names a store folder that cannot be used", async () => {
    const file = join(folder, "file");
    await writeFile(file, "");
    await expect(start({ storeFolder: file })).rejects.toMatchObject({
      code: "invalidArgument",
      message: `the store folder ${file} cannot be used`,
    });
  });

  test("keeps what JetStream stores in the folder it was given", async () => {
    await using _running = await start();

    expect(await readdir(join(folder, "store"))).toContain("jetstream");
  });

  test("runs the server in a process group of its own, out of a terminal's reach", async () => {
    await using running = await start();

    // A negative id addresses a group; it throws if there is none of that number.
    expect(process.kill(-running.processId, 0)).toBe(true);
  });

  test("ends the server with stop(), as often as it is called", async () => {
    const running = await start();

    await Promise.all([running.stop(), running.stop()]);

    expect(() => process.kill(running.processId, 0)).toThrow("ESRCH");
    expect(await running.exited).toMatchObject({ signal: null });
  });

  test("ends the server with kill() as a crash would", async () => {
    const running = await start();

    await running.kill();

    expect(await running.exited).toEqual({ exitCode: null, signal: "SIGKILL" });
  });

  test("tells when the server ended by itself", async () => {
    const running = await start();

    process.kill(running.processId, "SIGKILL");

    expect(await running.exited).toEqual({ exitCode: null, signal: "SIGKILL" });
  });

  test("kills a server that does not stop", async () => {
    const binary = await makeProgram(`trap "" TERM
      echo "[1] [INF] Listening for client connections on 127.0.0.1:1" >&2
      echo "[1] [INF] Server is ready" >&2
      exec tail -f /dev/null`);
    const running = await start({ binary, stopTimeoutMs: 1 });

    await running.stop();

    expect(await running.exited).toEqual({ exitCode: null, signal: "SIGKILL" });
  });

  test("says why a server ended before it was ready", async () => {
    await using first = await start();
    const port = Number(new URL(first.url).port);

    await expect(start({ port, storeFolder: join(folder, "second") })).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringMatching(/ended before it was ready.*address already in use/s),
    });
  });

  test("says of a server that ended only what it called a fault", async () => {
    await using first = await start();
    const port = Number(new URL(first.url).port);

    await expect(start({ port, storeFolder: join(folder, "second") })).rejects.toMatchObject({
      message: expect.not.stringMatching(/\[INF\]|Version:/),
    });
  });

  test("gives up on a server that does not become ready", async () => {
    const binary = await makeProgram("exec tail -f /dev/null");

    await expect(start({ binary, startTimeoutMs: 1 })).rejects.toThrow("was not ready after 1 ms");
  });

  test("says that a binary cannot be run", async () => {
    await expect(start({ binary: join(folder, "missing") })).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringContaining("ENOENT"),
    });
  });
});
