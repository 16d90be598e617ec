import { spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { resolveNatsServer, startNatsServerProcess } from "@sluice/nats-server";
import { silentLogger } from "@sluice/runtime";
import { startLoad, startRole, type LoadProcess, type RoleProcess } from "../measure/role-process.ts";
import { writeEchoRepository } from "./echo-model.ts";

/** One way to get a request answered, with every process it is made of. */
export interface Arm extends AsyncDisposable {
  readonly name: string;
  readonly server: string;
  /** Every process but the client's. */
  readonly processes: readonly RoleProcess[];
  startLoad(connections: number): Promise<LoadProcess>;
}

const require = createRequire(import.meta.url);

/** Bare NATS request/reply, the floor prototype and Sluice, each with a nats-server of its own. */
export async function startArms(): Promise<readonly Arm[]> {
  return [
    await startArm("bare", (server) => startRoles(server, { responder: "bare-responder" })),
    await startArm("floor", (server) =>
      startRoles(server, { results: "floor-results", owner: "floor-owner", worker: "floor-worker" }),
    ),
    await startArm("sluice", startSluice),
  ];
}

async function startArm(
  name: string,
  start: (server: string) => Promise<readonly RoleProcess[]>,
): Promise<Arm> {
  const storeFolder = await mkdtemp(join(tmpdir(), "sluice-bench-nats-"));
  const { path: binary } = await resolveNatsServer({ env: process.env, log: silentLogger });
  const nats = await startNatsServerProcess({ binary, storeFolder, log: silentLogger });
  const processes = await start(nats.url);
  const natsProcess: RoleProcess = {
    name: "nats",
    pid: nats.processId,
    async [Symbol.asyncDispose]() {
      await nats.stop();
      await rm(storeFolder, { recursive: true, force: true });
    },
  };
  return {
    name,
    server: nats.url,
    processes: [...processes, natsProcess],
    startLoad: (connections) => startLoad({ arm: name, server: nats.url, connections }),
    async [Symbol.asyncDispose]() {
      for (const child of [...processes, natsProcess]) await child[Symbol.asyncDispose]();
    },
  };
}

async function startRoles(server: string, roles: Readonly<Record<string, string>>): Promise<RoleProcess[]> {
  const processes: RoleProcess[] = [];
  for (const [name, role] of Object.entries(roles)) processes.push(await startRole(name, [role, server]));
  return processes;
}

async function startSluice(server: string): Promise<RoleProcess[]> {
  const repository = await mkdtemp(join(tmpdir(), "sluice-bench-"));
  await writeEchoRepository(repository);
  const environment = {
    ...process.env,
    SLUICE_NATS_URL: server,
    SLUICE_LOG_LEVEL: "warn",
    SLUICE_STATUS_PORT: "0",
  };
  const processes = [
    startService("dispatcher", environment),
    startService("results", environment),
    startService("worker", {
      ...environment,
      SLUICE_MODEL_REPOSITORY: repository,
      SLUICE_POOL: "bench",
      SLUICE_SLOTS: "2",
    }),
  ];
  const cleanUp: RoleProcess = {
    name: "",
    pid: 0,
    [Symbol.asyncDispose]: () => rm(repository, { recursive: true, force: true }),
  };
  return [...processes, cleanUp];
}

function startService(name: string, environment: NodeJS.ProcessEnv): RoleProcess {
  const child = spawn(process.execPath, [require.resolve(`@sluice/${name}/main`)], {
    env: environment,
    stdio: ["ignore", "ignore", "inherit"],
  });
  return {
    name,
    pid: child.pid ?? 0,
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, "exit");
      child.kill("SIGTERM");
      await ended;
    },
  };
}
