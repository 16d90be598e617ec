import { connect } from "node:net";
import { defaultMaxPayloadBytes, formatServerConfiguration, pinnedVersion } from "@sluice/nats-server";
import { systemClock } from "@sluice/runtime";
import { freePort } from "./free-port.ts";
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
  const configuration = ({ maxPayloadBytes = defaultMaxPayloadBytes }: TestNatsServerOptions) => [
    {
      content: formatServerConfiguration({
        host: "0.0.0.0",
        port: containerPort,
        storeFolder: "/data",
        maxPayloadBytes,
      }),
      target: configurationFile,
    },
  ];
  const container = await new GenericContainer(image)
    // A port that Docker chooses would be another one after a restart.
    .withExposedPorts({ container: containerPort, host: await freePort() })
    .withCopyContentToContainer(configuration(options))
    .withCommand(["-c", configurationFile])
    .withWaitStrategy(Wait.forLogMessage("Server is ready"))
    .start();
  // Testcontainers itself cannot stop a container to start it again, nor kill it.
  const client = await getContainerRuntimeClient();
  const running = client.container.getById(container.getId());
  const isRunning = async (): Promise<boolean> => (await running.inspect()).State.Running;
  const host = container.getHost();
  const port = container.getMappedPort(containerPort);
  const stop = async (): Promise<void> => {
    if (await isRunning()) await running.stop({ t: stopTimeoutSeconds });
  };

  return {
    url: `nats://${host}:${port}`,
    stop,
    async kill() {
      if (await isRunning()) await running.kill();
    },
    // The log still holds the ready line of the first start, so a restarted server is asked itself.
    async restart(changes) {
      await stop();
      if (changes !== undefined)
        await container.copyContentToContainer(configuration({ ...options, ...changes }));
      await running.start();
      await greeted({ host, port });
    },
    async [Symbol.asyncDispose]() {
      await container.stop();
    },
  };
}

/** How long a restarted server may take until it greets, how long one connection may stay silent, and the pause between two. */
const restartTimeoutMs = 15_000;
const silenceMs = 500;
const pauseMs = 50;

interface Address {
  readonly host: string;
  readonly port: number;
}

async function greeted(address: Address): Promise<void> {
  const giveUpMs = systemClock.monotonicMs() + restartTimeoutMs;
  while (!(await greets(address))) {
    if (systemClock.monotonicMs() >= giveUpMs) {
      throw new Error(`the restarted nats-server did not greet within ${restartTimeoutMs} ms`);
    }
    await systemClock.sleep(pauseMs);
  }
}

/** Whether a server greets on the address. Docker's proxy takes connections earlier, and closes them or stays silent. */
function greets(address: Address): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(address);
    const end = (isServer: boolean): void => {
      timer[Symbol.dispose]();
      socket.destroy();
      resolve(isServer);
    };
    const timer = systemClock.schedule(silenceMs, () => end(false));
    socket.once("data", (text) => end(String(text).startsWith("INFO ")));
    socket.once("error", () => end(false));
    socket.once("close", () => end(false));
  });
}
