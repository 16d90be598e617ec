import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { connect, type Credentials } from "@sluice/client";
import { resolveNatsServer } from "@sluice/nats-server";
import { Secret, silentLogger } from "@sluice/runtime";
import { freePort } from "@sluice/testing";
import { describe, expect, test } from "vitest";
import { type ClusterServer, startClusterOf } from "./cluster.ts";

const runFile = promisify(execFile);
const servicesPassword = "change me";
const callerPassword = "change me, too";
const callerLogin: Credentials = { kind: "password", user: "acme", password: new Secret(callerPassword) };
const servicesLogin = { SLUICE_NATS_USER: "sluice", SLUICE_NATS_PASSWORD: servicesPassword };
const models = {
  echo: "name: echo\npool: system\nengine: synthetic\nsynthetic: { alphaMs: 1, betaMs: 1 }\n",
};
const inputs = { input: { data: Float32Array.of(1, 2), shape: [1, 2] } };

/** A nats-server with the users of the example in docs/nats-server.md. */
async function startServerWithUsers(): Promise<ClusterServer> {
  const document = await readFile(new URL("../../docs/nats-server.md", import.meta.url), "utf8");
  const users = /```\n(authorization \{[\s\S]*?\n\}\n)```/.exec(document)?.[1];
  if (users === undefined) throw new Error("docs/nats-server.md has no example of users");
  const folder = await mkdtemp(join(tmpdir(), "sluice-users-"));
  const port = await freePort();
  const configurationFile = join(folder, "nats-server.conf");
  const store = JSON.stringify(folder);
  await writeFile(
    configurationFile,
    `host: "127.0.0.1"\nport: ${port}\njetstream { store_dir: ${store} }\n${users}`,
  );
  const { path } = await resolveNatsServer({ env: process.env, log: silentLogger });
  const child = spawn(path, ["-c", configurationFile], { stdio: ["ignore", "ignore", "pipe"] });
  const ended = once(child, "exit");
  for await (const line of createInterface(child.stderr)) if (line.includes("Server is ready")) break;
  child.stderr.resume();
  return {
    url: `nats://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

describe("a cluster on a server with users", () => {
  test("serves callers that may do no more than the documentation says, and only as who they are", async () => {
    await using cluster = await startClusterOf(models, { server: await startServerWithUsers() });
    await cluster.start("dispatcher", "d1", servicesLogin);
    await cluster.start("results", "r1", servicesLogin);
    await cluster.start("worker", "w1", servicesLogin);
    const options = { servers: cluster.server, credentials: callerLogin, timeoutMs: 10_000 };
    await using client = await connect({ ...options, tenant: "acme" });
    const { outputs } = await client.model("echo").infer(inputs);
    expect(outputs["input"]?.values()).toEqual(Float32Array.of(1, 2));
    const frames = [];
    for await (const frame of client.model("echo").stream(inputs)) frames.push(frame);
    expect(frames.length).toBeGreaterThan(0);
    await using impostor = await connect({ ...options, tenant: "other" });
    await expect(impostor.model("echo").infer(inputs)).rejects.toMatchObject({ code: "permissionDenied" });
  });

  test("shows itself to the sluice command of somebody who may see it", async () => {
    await using cluster = await startClusterOf(models, { server: await startServerWithUsers() });
    await cluster.start("dispatcher", "d1", servicesLogin);
    await cluster.start("results", "r1", servicesLogin);
    await cluster.start("worker", "w1", servicesLogin);
    const command = ["services/cli/bin/sluice.js", "infer", "echo", "--nats", cluster.server, "--json"];
    const run = (env: Readonly<Record<string, string>>) =>
      runFile(process.execPath, [...command, "--input", "input=[[1,2]]"], {
        env: { ...process.env, ...env },
      });
    expect(JSON.parse((await run(servicesLogin)).stdout)).toMatchObject({ outputs: [{ data: [1, 2] }] });
    await expect(run({})).rejects.toMatchObject({ stderr: expect.stringContaining("unauthenticated") });
  });

  test("ends a service that nobody knows, and says why", async () => {
    await using cluster = await startClusterOf(models, { server: await startServerWithUsers() });
    const login = { ...servicesLogin, SLUICE_NATS_PASSWORD: "wrong" };
    await expect(cluster.start("results", "r1", login)).rejects.toThrow(/the server refused the credentials/);
  });
});
