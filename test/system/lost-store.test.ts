import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "@sluice/client";
import { resolveNatsServer, startNatsServerProcess } from "@sluice/nats-server";
import { subjects } from "@sluice/protocol";
import { silentLogger } from "@sluice/runtime";
import { rendezvousWinner } from "@sluice/scheduling";
import { expect, test } from "vitest";
import { startClusterOf } from "./cluster.ts";
import { connectPlain } from "./load.ts";

const pool = "system";
const models = {
  echo: `name: echo\npool: ${pool}\nengine: synthetic\nsynthetic: { alphaMs: 1, betaMs: 1 }\n`,
};
const inputs = { input: { data: Float32Array.of(1, 2), shape: [1, 2] } };

test("a pool has one owner again, whom its workers follow, after JetStream lost all it had", async () => {
  const storeFolder = await mkdtemp(join(tmpdir(), "sluice-lost-"));
  const { path: binary } = await resolveNatsServer({ env: process.env, log: silentLogger });
  const options = { binary, storeFolder, log: silentLogger };
  let server = await startNatsServerProcess(options);
  const { url } = server;
  const nats = {
    url,
    async [Symbol.asyncDispose]() {
      await server.kill();
      await rm(storeFolder, { recursive: true, force: true });
    },
  };
  await using cluster = await startClusterOf(models, { server: nats });
  // The second one is who rendezvous hashing names, so it takes what nobody seems to own.
  const second = rendezvousWinner(pool, ["d1", "d2"]) ?? "";
  const first = await cluster.start("dispatcher", second === "d1" ? "d2" : "d1");
  await cluster.start("results", "r1");
  const worker = await cluster.start("worker", "w1");
  await using client = await connect({ servers: url, tenant: "demo", timeoutMs: 10_000 });
  const echo = client.model("echo");
  await echo.infer(inputs);

  await server.kill();
  await rm(join(storeFolder, "jetstream"), { recursive: true });
  server = await startNatsServerProcess({ ...options, port: Number(new URL(url).port) });
  await echo.infer(inputs);

  await using listener = await connectPlain(url);
  const sent = new Promise((resolve) => listener.subscribe(subjects.infer("echo", "demo"), resolve));
  await listener.flush();
  const other = await cluster.start("dispatcher", second);
  const owned = await other.logged((line) => line["msg"] === "pool owned");
  expect(Number(owned["epoch"])).toBeGreaterThan(1);
  // No record and no worker has told the new owner of the model yet, and the old one does not know that it has lost the pool.
  for (const { pid } of [first, worker]) process.kill(pid, "SIGSTOP");
  const calls = Array.from({ length: 8 }, () => echo.infer(inputs));
  await sent;
  for (const { pid } of [first, worker]) process.kill(pid, "SIGCONT");
  await first.logged((line) => line["msg"] === "pool lost");
  await expect(Promise.all(calls)).resolves.toHaveLength(8);
});
