import { connect } from "node:net";
import { describe, expect, test } from "vitest";
import { findDocker } from "./docker.ts";
import { startNatsContainer } from "./nats-container.ts";
import { startNatsServer } from "./nats-server.ts";

const docker = await findDocker(process.env);
const whySkipped = docker.kind === "absent" ? ` (skipped: ${docker.reason})` : "";

/** The first line a server sends to whoever connects; rejects if nobody listens. */
async function greeting(url: string): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname);
    socket.once("error", reject);
    socket.once("data", (bytes) => {
      socket.destroy();
      resolve(bytes.toString());
    });
  });
}

/** What holds for a server in a process and for one in a container. */
function describeTestServer(start: typeof startNatsServer): void {
  test("takes an address for each server and has JetStream on", async () => {
    await using first = await start();
    await using second = await start();

    expect(first.url).not.toBe(second.url);
    expect(await greeting(first.url)).toContain('"jetstream":true');
    expect(await greeting(second.url)).toContain('"jetstream":true');
  });

  test("tells clients the largest payload it was given", async () => {
    await using server = await start({ maxPayloadBytes: 65_536 });

    expect(await greeting(server.url)).toContain('"max_payload":65536');
  });

  test.each(["stop", "kill"] as const)("comes back on the same address after %s()", async (end) => {
    await using server = await start();

    await server[end]();
    await expect(greeting(server.url)).rejects.toThrow("ECONNREFUSED");
    await server.restart();

    expect(await greeting(server.url)).toContain("INFO");
  });

  test("restarts while it runs", async () => {
    await using server = await start();
    const before = await greeting(server.url);

    await server.restart();

    expect(await greeting(server.url)).not.toBe(before);
  });

  test("may be stopped and killed more than once", async () => {
    await using server = await start();

    await server.stop();
    await server.stop();
    await server.kill();
  });

  test("is gone after its disposal", async () => {
    const server = await start();
    await server[Symbol.asyncDispose]();

    await expect(greeting(server.url)).rejects.toThrow("ECONNREFUSED");
  });
}

describe("startNatsServer()", () => {
  describeTestServer(startNatsServer);
});

describe.skipIf(docker.kind === "absent")(`startNatsContainer()${whySkipped}`, () => {
  describeTestServer(startNatsContainer);
});
