import { spawn } from "node:child_process";
import { cp } from "node:fs/promises";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { toRoleProcess, type RoleProcess } from "../measure/role-process.ts";
import { writeEchoRepository } from "./echo-model.ts";
import type { NatsArmSite } from "./nats-arm.ts";

const require = createRequire(import.meta.url);

/** The services with a synthetic model that takes no time. */
export function startSluiceEcho(site: NatsArmSite): Promise<RoleProcess[]> {
  return startSluice(site, writeEchoRepository);
}

/** The services with one of the models of `deploy/models`; the benchmark runs in the root of the repository. */
export function startSluiceModel(site: NatsArmSite, model: string): Promise<RoleProcess[]> {
  return startSluice(site, (repository) =>
    cp(resolve("deploy/models", model), join(repository, model), { recursive: true }),
  );
}

/** A dispatcher, a results service and a worker, with the settings that they ship with. */
async function startSluice(
  { server, folder }: NatsArmSite,
  writeModels: (repository: string) => Promise<void>,
): Promise<RoleProcess[]> {
  const repository = join(folder, "models");
  await writeModels(repository);
  const environment = {
    ...process.env,
    SLUICE_NATS_URL: server,
    SLUICE_LOG_LEVEL: "warn",
    SLUICE_STATUS_PORT: "0",
  };
  return [
    startService("dispatcher", environment),
    startService("results", environment),
    startService("worker", { ...environment, SLUICE_MODEL_REPOSITORY: repository }),
  ];
}

function startService(name: string, environment: NodeJS.ProcessEnv): RoleProcess {
  const child = spawn(process.execPath, [require.resolve(`@sluice/${name}/main`)], {
    env: environment,
    stdio: ["ignore", "ignore", "inherit"],
  });
  return toRoleProcess(name, child, "SIGTERM");
}
