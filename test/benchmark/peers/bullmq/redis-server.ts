import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { freePort } from "@sluice/testing";
import type { RoleProcess } from "../../measure/role-process.ts";
import type { RedisBinary } from "./redis-binary.ts";

export interface RedisServer extends RoleProcess {
  /** "redis://127.0.0.1:6379" */
  readonly url: string;
}

/** Starts a Redis on this machine alone that keeps nothing on disk; resolves once it takes connections. */
export async function startRedisServer(binary: RedisBinary): Promise<RedisServer> {
  const port = await freePort();
  const settings = ["--bind", "127.0.0.1", "--port", String(port), "--save", "", "--appendonly", "no"];
  const child = spawn(binary.path, settings, {
    env: { ...process.env, ...binary.environment },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "exit");
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    if (line.includes("Ready to accept connections")) break;
  }
  if (child.exitCode !== null || child.pid === undefined)
    throw new Error(`redis-server ended: ${lines.join("\n")}`);
  child.stdout.resume();
  return {
    name: "redis",
    pid: child.pid,
    url: `redis://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}
