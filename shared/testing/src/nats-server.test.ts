import { connect } from "node:net";
import { describe, expect, test } from "vitest";
import { startNatsServer } from "./nats-server.ts";

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

describe("startNatsServer()", () => {
  test("takes a free port for each server and has JetStream on", async () => {
    await using first = await startNatsServer();
    await using second = await startNatsServer();

    expect(first.url).not.toBe(second.url);
    expect(await greeting(first.url)).toContain(`"version":"${first.version}"`);
    expect(await greeting(second.url)).toContain('"jetstream":true');
  });

  test("tells clients the largest payload it was given", async () => {
    await using server = await startNatsServer({ maxPayloadBytes: 65_536 });

    expect(await greeting(server.url)).toContain('"max_payload":65536');
  });

  test.each(["stop", "kill"] as const)("comes back on the same address after %s()", async (end) => {
    await using server = await startNatsServer();

    await server[end]();
    await expect(greeting(server.url)).rejects.toThrow("ECONNREFUSED");
    await server.restart();

    expect(await greeting(server.url)).toContain("INFO");
  });

  test("is gone after its disposal", async () => {
    const server = await startNatsServer();
    await server[Symbol.asyncDispose]();

    await expect(greeting(server.url)).rejects.toThrow("ECONNREFUSED");
  });
});
