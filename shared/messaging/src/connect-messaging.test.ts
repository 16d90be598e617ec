import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { Secret, silentLogger, systemClock } from "@sluice/runtime";
import { describe, expect, test } from "vitest";
import { connectMessaging } from "./connect-messaging.ts";

/** A port on which nobody listens: it was free a moment ago. */
async function unusedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}

describe("connectMessaging()", () => {
  test("rejects with unavailable when no server answers", async () => {
    const options = { name: "test", log: silentLogger, clock: systemClock };
    const servers = [`nats://127.0.0.1:${await unusedPort()}`];
    await expect(connectMessaging({ ...options, servers })).rejects.toMatchObject({
      code: "unavailable",
      details: { reason: "disconnected" },
    });
  });

  test("rejects with unavailable, and the reason as its cause, when the server's name is not found", async () => {
    const options = {
      name: "test",
      log: silentLogger,
      clock: systemClock,
      servers: ["nats://nowhere.invalid"],
    };
    await expect(connectMessaging(options)).rejects.toMatchObject({
      code: "unavailable",
      details: { reason: "disconnected" },
      cause: { message: expect.stringContaining("nowhere.invalid") },
    });
  });

  const thisFile = fileURLToPath(import.meta.url);
  test.each([
    [{ caFile: "/nowhere/ca.pem" }, "the caFile /nowhere/ca.pem of TLS cannot be read"],
    [
      { certFile: thisFile, keyFile: "/nowhere/key.pem" },
      "the keyFile /nowhere/key.pem of TLS cannot be read",
    ],
    [{ certFile: thisFile }, "TLS has one of certFile and keyFile, expected both or none"],
  ])("rejects %j for TLS with invalidArgument before it connects", async (tls, message) => {
    const options = { name: "test", log: silentLogger, clock: systemClock, tls };
    await expect(connectMessaging({ ...options, servers: ["nats://127.0.0.1:1"] })).rejects.toMatchObject({
      code: "invalidArgument",
      message,
    });
  });

  test.each(["tls", "TLS"])(
    "says nothing to a server without TLS where the URL is %s://…",
    async (scheme) => {
      let heard = "";
      const server = createServer((socket) => {
        socket.write('INFO {"version":"2.15.1","proto":1,"headers":true,"max_payload":1048576}\r\n');
        socket.on("data", (bytes) => {
          heard += bytes.toString();
          if (heard.includes("PING")) socket.write("PONG\r\n");
        });
      });
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      const address = server.address();
      const port = typeof address === "object" ? address?.port : undefined;
      const options = {
        name: "test",
        log: silentLogger,
        clock: systemClock,
        servers: [`${scheme}://127.0.0.1:${port}`],
        credentials: { kind: "token", token: new Secret("hunter2") } as const,
      };
      try {
        await expect(connectMessaging(options)).rejects.toMatchObject({
          code: "unavailable",
          cause: { message: expect.stringContaining("tls") },
        });
        expect(heard).toBe("");
      } finally {
        server.close();
      }
    },
  );

  test.each(["", "nats://", "nats://127.0.0.1:99999", "nats://a b", "http://127.0.0.1", "ws://127.0.0.1"])(
    "refuses %j, which is no URL of a server, and shows it",
    async (url) => {
      const options = { name: "test", log: silentLogger, clock: systemClock, servers: [url] };
      await expect(connectMessaging(options)).rejects.toMatchObject({
        code: "invalidArgument",
        message: expect.stringContaining(JSON.stringify(url)),
      });
    },
  );

  test.each(["a b", "", "a.", "_INBOX.>"])(
    "refuses the inbox prefix %j before it connects",
    async (prefix) => {
      const options = {
        name: "test",
        log: silentLogger,
        clock: systemClock,
        servers: ["nats://127.0.0.1:1"],
      };
      await expect(connectMessaging({ ...options, inboxPrefix: prefix })).rejects.toMatchObject({
        code: "invalidArgument",
        message: expect.stringContaining(`the inbox prefix is ${JSON.stringify(prefix)}`),
      });
    },
  );

  test.each([
    "nats://user:hunter2@127.0.0.1:4222",
    "user:hunter2@127.0.0.1",
    "nats://token@127.0.0.1",
    "nats://a:hunter2 b@c",
  ])("refuses a user in a URL, which would be left out, without showing it: %#", async (url) => {
    const options = { name: "test", log: silentLogger, clock: systemClock, servers: [url] };
    const error: unknown = await connectMessaging(options).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "invalidArgument" });
    expect(String(error)).not.toContain("hunter2");
  });
});
