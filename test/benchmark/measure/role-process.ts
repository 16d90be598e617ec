import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { LoadOrder, LoadReport } from "./load-order.ts";

/** A process of the benchmark that can be asked things; built from `role.ts`. */
export interface RoleProcess extends AsyncDisposable {
  readonly name: string;
  readonly pid: number;
}

/** A process that holds the clients of one arm and loads it when told. */
export interface LoadProcess extends RoleProcess {
  run(order: LoadOrder): Promise<LoadReport>;
}

const rolePath = fileURLToPath(new URL("../role.js", import.meta.url));

/** Starts a role and waits until it says it is ready. */
export async function startRole(name: string, role: readonly string[]): Promise<RoleProcess> {
  return toRoleProcess(name, await forkRole(role));
}

/** Starts a load process with `connections` clients of an arm. */
export async function startLoad(options: {
  readonly arm: string;
  readonly server: string;
  readonly connections: number;
}): Promise<LoadProcess> {
  const child = await forkRole(["load", options.arm, options.server, String(options.connections)]);
  return {
    ...toRoleProcess("client", child),
    run(order) {
      return new Promise((resolve, reject) => {
        const onExit = (): void => reject(new Error(`the load process of ${options.arm} ended`));
        child.once("exit", onExit);
        child.once("message", (report: LoadReport) => {
          child.off("exit", onExit);
          resolve(report);
        });
        child.send(order);
      });
    },
  };
}

async function forkRole(role: readonly string[]): Promise<ChildProcess> {
  const child = fork(rolePath, [...role], { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  const ready = once(child, "message");
  const ended = once(child, "exit").then(() => {
    throw new Error(`benchmark role ${role.join(" ")} ended before it was ready`);
  });
  await Promise.race([ready, ended]);
  ended.catch(() => undefined);
  return child;
}

function toRoleProcess(name: string, child: ChildProcess): RoleProcess {
  return {
    name,
    pid: child.pid ?? 0,
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, "exit");
      child.kill("SIGKILL");
      await ended;
    },
  };
}
