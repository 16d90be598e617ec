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
export type LoadProcess = WindowRunner<LoadOrder, LoadReport>;

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
  const { arm, server, connections } = options;
  return startRunner(["load", arm, server, String(connections)]);
}

/** A role that runs one window of load after the other, each when told, and tells what it saw. */
export interface WindowRunner<Window extends object, Outcome> extends RoleProcess {
  run(window: Window): Promise<Outcome>;
}

/** Starts such a role. */
export async function startRunner<Window extends object, Outcome>(
  role: readonly string[],
): Promise<WindowRunner<Window, Outcome>> {
  const child = await forkRole(role);
  return {
    ...toRoleProcess("client", child),
    run(window) {
      return new Promise((resolve, reject) => {
        const onExit = (): void => reject(new Error(`the process of ${role.join(" ")} ended`));
        child.once("exit", onExit);
        child.once("message", (outcome: Outcome) => {
          child.off("exit", onExit);
          resolve(outcome);
        });
        child.send(window);
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

/** A child that is sent `signal` when it is disposed of, unless it has ended. */
export function toRoleProcess(
  name: string,
  child: ChildProcess,
  signal: NodeJS.Signals = "SIGKILL",
): RoleProcess {
  return {
    name,
    pid: child.pid ?? 0,
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, "exit");
      child.kill(signal);
      await ended;
    },
  };
}
