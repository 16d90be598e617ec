import { createServer } from "node:net";
import { defaultMaxPayloadBytes, formatServerConfiguration, pinnedVersion } from "@sluice/nats-server";
import type { TestNatsServer, TestNatsServerOptions } from "./nats-server.ts";

/** Where NATS listens inside the container. */
const containerPort = 4222;

/** An idle server stops in milliseconds. */
const stopTimeoutSeconds = 5;

const configurationFile = "/nats-server.conf";

/**
 * Starts a nats-server like {@link startNatsServer}, in a container. The image is the one that `SLUICE_TEST_NATS_IMAGE` names,
 * by default the official one of the release Sluice downloads. Ask {@link findDocker} first.
 */
export async function startNatsContainer(options: TestNatsServerOptions = {}): Promise<TestNatsServer> {
  // Its helper container would have to be pulled from the internet; disposal removes what was started.
  process.env["TESTCONTAINERS_RYUK_DISABLED"] ??= "true";
  // Loaded here because it takes half a second, which every test that imports this package would pay.
  const { GenericContainer, getContainerRuntimeClient, Wait } = await import("testcontainers");

  const image = process.env["SLUICE_TEST_NATS_IMAGE"] || `nats:${pinnedVersion}`;
  const configuration = formatServerConfiguration({
    host: "0.0.0.0",
    port: containerPort,
    storeFolder: "/data",
    maxPayloadBytes: options.maxPayloadBytes ?? defaultMaxPayloadBytes,
  });
  const container = await new GenericContainer(image)
    // A port that Docker chooses would be another one after a restart.
    .withExposedPorts({ container: containerPort, host: await freePort() })
    .withCopyContentToContainer([{ content: configuration, target: configurationFile }])
    .withCommand(["-c", configurationFile])
    .withWaitStrategy(Wait.forLogMessage("Server is ready"))
    .start();
  // Testcontainers itself cannot stop a container to start it again, nor kill it.
  const client = await getContainerRuntimeClient();
  const running = client.container.getById(container.getId());
  const isRunning = async (): Promise<boolean> => (await running.inspect()).State.Running;

  return {
    url: `nats://${container.getHost()}:${container.getMappedPort(containerPort)}`,
    async stop() {
      if (await isRunning()) await running.stop({ t: stopTimeoutSeconds });
    },
    async kill() {
      if (await isRunning()) await running.kill();
    },
    restart: async () => container.restart(),
    async [Symbol.asyncDispose]() {
      await container.stop();
    },
  };
}

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, () => {
      const address = server.address();
      server.close(() => {
        if (address !== null && typeof address === "object") resolve(address.port);
        else reject(new Error("the system gave no port"));
      });
    });
  });
}
