import { request } from "node:http";
import { homedir } from "node:os";
import { join } from "node:path";

/** Whether containers can be asked for. `present` does not promise that they work: a daemon that does not is a failure, not a reason to skip. */
export type DockerPresence =
  | { readonly kind: "present" }
  /** No daemon answers; `reason` names what was asked. */
  | { readonly kind: "absent"; readonly reason: string };

/** A daemon on this machine answers a ping in milliseconds. */
const pingTimeoutMs = 5000;

/**
 * Tells whether a Docker daemon answers on one of the usual sockets.
 * When `DOCKER_HOST` is set somebody wants that daemon, so it counts as present without being asked.
 */
export async function findDocker(env: Readonly<Record<string, string | undefined>>): Promise<DockerPresence> {
  if (env["DOCKER_HOST"]) return { kind: "present" };
  const failures: string[] = [];
  for (const socketPath of dockerSockets(env)) {
    const failure = await pingFailure(socketPath);
    if (failure === undefined) return { kind: "present" };
    failures.push(`${socketPath} (${failure})`);
  }
  return {
    kind: "absent",
    reason: `DOCKER_HOST is not set and no Docker daemon answers on ${failures.join(", ")}`,
  };
}

/** Docker's own socket, Docker Desktop's, and the rootless daemon's. */
function dockerSockets(env: Readonly<Record<string, string | undefined>>): readonly string[] {
  const runtimeFolder = env["XDG_RUNTIME_DIR"];
  return [
    "/var/run/docker.sock",
    join(homedir(), ".docker", "run", "docker.sock"),
    ...(runtimeFolder ? [join(runtimeFolder, "docker.sock")] : []),
  ];
}

/** Why nothing answers on the socket; `undefined` if something does, whatever it says. */
async function pingFailure(socketPath: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const ping = request({ socketPath, path: "/_ping", timeout: pingTimeoutMs }, (response) => {
      response.resume();
      resolve(undefined);
    });
    ping.once("error", (error) => resolve("code" in error ? String(error.code) : error.message));
    ping.once("timeout", () => ping.destroy(new Error(`silent for ${pingTimeoutMs} ms`)));
    ping.end();
  });
}
