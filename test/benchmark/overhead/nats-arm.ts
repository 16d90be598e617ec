import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readBrokerCounters } from "@sluice/load-generator";
import { resolveNatsServer, startNatsServerProcess } from "@sluice/nats-server";
import { silentLogger } from "@sluice/runtime";
import { startLoad, startRole, type RoleProcess } from "../measure/role-process.ts";
import type { Arm } from "./arm.ts";

/** What the processes of an arm find. */
export interface NatsArmSite {
  /** Address of the arm's nats-server. */
  readonly server: string;
  /** Folder for what they read; it goes with the arm. */
  readonly folder: string;
}

/** An arm with a nats-server of its own, for which `start` gives the other processes. */
export async function startNatsArm(
  name: string,
  start: (site: NatsArmSite) => Promise<readonly RoleProcess[]>,
): Promise<Arm> {
  const folder = await mkdtemp(join(tmpdir(), "sluice-bench-"));
  const storeFolder = join(folder, "nats");
  await mkdir(storeFolder);
  const { path: binary } = await resolveNatsServer({ env: process.env, log: silentLogger });
  const nats = await startNatsServerProcess({
    binary,
    storeFolder,
    monitoring: true,
    log: silentLogger,
  });
  const natsProcess: RoleProcess = {
    name: "nats",
    pid: nats.processId,
    async [Symbol.asyncDispose]() {
      await nats.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
  let processes: readonly RoleProcess[];
  try {
    processes = await start({ server: nats.url, folder });
  } catch (error) {
    await natsProcess[Symbol.asyncDispose]();
    throw error;
  }
  return {
    name,
    processes: [...processes, natsProcess],
    readBroker: () => readBrokerCounters(nats.monitoringUrl ?? ""),
    startLoad: (connections) => startLoad({ arm: name, server: nats.url, connections }),
    async [Symbol.asyncDispose]() {
      for (const child of [...processes, natsProcess]) await child[Symbol.asyncDispose]();
    },
  };
}

/** Starts roles one after the other; `roles` has the role of each process by the name it is reported under. */
export async function startRoles(
  { server }: NatsArmSite,
  roles: Readonly<Record<string, string>>,
): Promise<RoleProcess[]> {
  const processes: RoleProcess[] = [];
  for (const [name, role] of Object.entries(roles)) processes.push(await startRole(name, [role, server]));
  return processes;
}
