import { spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { RoleProcess } from "../measure/role-process.ts";
import { writeEchoRepository } from "./echo-model.ts";

const require = createRequire(import.meta.url);

/** The services with a synthetic model that takes no time. */
export function startSluiceEcho(server: string): Promise<RoleProcess[]> {
  return startSluice(server, writeEchoRepository);
}

/** The services with one of the models of `deploy/models`; the benchmark runs in the root of the repository. */
export function startSluiceModel(server: string, model: string): Promise<RoleProcess[]> {
  return startSluice(server, (repository) =>
    cp(resolve("deploy/models", model), join(repository, model), { recursive: true }),
  );
}

/** A dispatcher, a results service and a worker, with the settings that they ship with. */
async function startSluice(
  server: string,
  writeModels: (repository: string) => Promise<void>,
): Promise<RoleProcess[]> {
  const repository = await mkdtemp(join(tmpdir(), "sluice-bench-"));
  await writeModels(repository);
  const environment = {
    ...process.env,
    SLUICE_NATS_URL: server,
    SLUICE_LOG_LEVEL: "warn",
    SLUICE_STATUS_PORT: "0",
  };
  const cleanUp: RoleProcess = {
    name: "",
    pid: 0,
    [Symbol.asyncDispose]: () => rm(repository, { recursive: true, force: true }),
  };
  return [
    startService("dispatcher", environment),
    startService("results", environment),
    startService("worker", { ...environment, SLUICE_MODEL_REPOSITORY: repository }),
    cleanUp,
  ];
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
