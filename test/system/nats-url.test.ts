import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { resolveNatsServer } from "@sluice/nats-server";
import { silentLogger } from "@sluice/runtime";
import { describe, expect, test } from "vitest";
import { sluice } from "./dev-process.ts";

const runFile = promisify(execFile);

/** A nats-server that knows nothing of JetStream. */
async function startPlainServer() {
  const { path } = await resolveNatsServer({ env: process.env, log: silentLogger });
  const child = spawn(path, ["-a", "127.0.0.1", "-p", "-1"], { stdio: ["ignore", "ignore", "pipe"] });
  const ended = once(child, "exit");
  let url = "";
  for await (const line of createInterface(child.stderr)) {
    const address = /Listening for client connections on (\S+)$/.exec(line)?.[1];
    if (address !== undefined) url = `nats://${address}`;
    if (line.endsWith("Server is ready")) break;
  }
  child.stderr.resume();
  return {
    url,
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

/** What a command prints, and its exit code. */
async function run(
  command: string,
  variables: Readonly<Record<string, string>>,
): Promise<{ readonly code: number; readonly output: string }> {
  const dataFolder = await mkdtemp(join(tmpdir(), "sluice-url-"));
  const { NATS_URL: _, ...environment } = process.env;
  const env = { ...environment, ...variables, SLUICE_DATA_FOLDER: dataFolder };
  try {
    const { stdout } = await runFile(process.execPath, [sluice, command], { env, timeout: 30_000 });
    return { code: 0, output: stdout };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, output: `${stdout}${stderr}` };
  } finally {
    await rm(dataFolder, { recursive: true, force: true });
  }
}

describe("a NATS_URL", () => {
  test("whose server has no JetStream ends sluice dev before it starts anything, and is not in order for sluice doctor", async () => {
    await using server = await startPlainServer();
    const dev = await run("dev", { NATS_URL: server.url });
    expect(dev.code).toBe(1);
    expect(dev.output).toMatch(
      /^error: unavailable: the server of NATS_URL has no JetStream.*nats-server -js/m,
    );
    expect(dev.output).not.toContain("dispatcher");
    const doctor = await run("doctor", { NATS_URL: server.url });
    expect(doctor.code).toBe(1);
    expect(doctor.output).toMatch(/^failed +nats-server +the server of NATS_URL has no JetStream/m);
  });

  test("where nobody answers ends sluice dev before it starts anything", async () => {
    const dev = await run("dev", { NATS_URL: "nats://127.0.0.1:1" });
    expect(dev.code).toBe(1);
    expect(dev.output).toMatch(
      /^error: unavailable: no NATS server could be reached \(nats:\/\/127\.0\.0\.1:1; the address came from NATS_URL\)/m,
    );
    expect(dev.output).not.toContain("dispatcher");
  });
});

test.each([
  ["a SLUICE_NATS_SERVER that names none", { SLUICE_NATS_SERVER: "/nowhere/nats-server" }],
  ["a NATS_URL that is none", { NATS_URL: "http://127.0.0.1:1" }],
  ["a setting of a service that is none", { SLUICE_SLOTS: "many" }],
])("%s is a wrong argument of sluice dev: exit code 2", async (_what, variables) => {
  const [variable = ""] = Object.keys(variables);
  const dev = await run("dev", variables);
  expect(dev.output).toMatch(/^error: invalidArgument: /m);
  expect(dev.output).toContain(variable);
  expect(dev.code).toBe(2);
});
