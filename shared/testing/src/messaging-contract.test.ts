import { connectMessaging, type Messaging } from "@sluice/messaging";
import { type ContractServer, describeMessaging, type RestoreOptions } from "@sluice/messaging/contract";
import { silentLogger, systemClock } from "@sluice/runtime";
import { describe } from "vitest";
import { findDocker } from "./docker.ts";
import { createMemoryNats } from "./memory-nats.ts";
import { startNatsContainer } from "./nats-container.ts";
import { startNatsServer } from "./nats-server.ts";

const jetStreamTimeoutMs = 500;

describeMessaging("createMemoryNats()", async () => {
  const server = createMemoryNats({ clock: systemClock });
  return withConnections({
    connect: async () => server.connect({ jetStreamTimeoutMs }),
    interrupt: async (connections) => {
      for (const messaging of connections) server.disconnect(messaging);
    },
    restore: async (connections, { maxPayloadBytes } = {}) => {
      if (maxPayloadBytes !== undefined) server.setMaxPayloadBytes(maxPayloadBytes);
      for (const messaging of connections) server.reconnect(messaging);
    },
    stop: async () => undefined,
  });
});

describeMessaging("connectMessaging()", async () => connectionsTo(startNatsServer));

const docker = await findDocker(process.env);
const whySkipped = docker.kind === "absent" ? ` (skipped: ${docker.reason})` : "";

describe.skipIf(docker.kind === "absent")(`in a container${whySkipped}`, () => {
  describeMessaging("connectMessaging()", async () => connectionsTo(startNatsContainer));
});

async function connectionsTo(start: typeof startNatsServer): Promise<ContractServer> {
  const server = await start();
  return withConnections({
    connect: () =>
      connectMessaging({
        servers: [server.url],
        name: "contract",
        log: silentLogger,
        clock: systemClock,
        jetStreamTimeoutMs,
      }),
    interrupt: () => server.kill(),
    restore: (_connections, options) => server.restart(options),
    stop: async () => server[Symbol.asyncDispose](),
  });
}

interface ServerControl {
  readonly connect: () => Promise<Messaging>;
  readonly interrupt: (connections: readonly Messaging[]) => Promise<void>;
  readonly restore: (connections: readonly Messaging[], options?: RestoreOptions) => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** Adds what both servers need alike: the list of connections, and an end. */
function withConnections({ connect, interrupt, restore, stop }: ServerControl): ContractServer {
  const connections: Messaging[] = [];
  return {
    async connect() {
      const messaging = await connect();
      connections.push(messaging);
      return messaging;
    },
    interrupt: () => interrupt(connections),
    restore: (options) => restore(connections, options),
    async [Symbol.asyncDispose]() {
      await Promise.all(connections.map((messaging) => messaging.close()));
      await stop();
    },
  };
}
