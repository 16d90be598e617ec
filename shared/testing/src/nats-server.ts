import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { resolveNatsServer, type ServerProcess, startNatsServerProcess } from "@sluice/nats-server";
import { silentLogger } from "@sluice/runtime";

/** A nats-server with JetStream for one test. Disposal stops it and removes what it stored. */
export interface TestNatsServer extends AsyncDisposable {
  /** Stays the same over a restart. */
  readonly url: string;
  /** Where it tells its counters until it is restarted, if it was asked to. */
  readonly monitoringUrl?: string;
  /** Ends it in an orderly way; {@link TestNatsServer.restart} brings it back. */
  stop(): Promise<void>;
  /** Ends it as a crash would. */
  kill(): Promise<void>;
  /** Starts it again on the same port with what it had stored, stopping it first if it runs; from then on with these options, too. */
  restart(options?: Pick<TestNatsServerOptions, "maxPayloadBytes">): Promise<void>;
}

export interface TestNatsServerOptions {
  /** Default: the product's. */
  readonly maxPayloadBytes?: number;
  /** Whether it tells its counters over HTTP. Default false. */
  readonly monitoring?: boolean;
}

/** Starts the server that `SLUICE_NATS_SERVER` names, or else the one Sluice would find, on a free port with an empty store. */
export async function startNatsServer(options: TestNatsServerOptions = {}): Promise<TestNatsServer> {
  const { path: binary } = await resolveNatsServer({ env: process.env, log: silentLogger });
  const storeFolder = await mkdtemp(join(tmpdir(), "sluice-nats-"));
  let current = options;
  const start = async (port: number): Promise<ServerProcess> =>
    startNatsServerProcess({ ...current, binary, storeFolder, port, log: silentLogger });
  const removeStore = async (): Promise<void> => rm(storeFolder, { recursive: true, force: true });

  let server: ServerProcess;
  try {
    server = await start(-1);
  } catch (error) {
    await removeStore();
    throw error;
  }
  const { url, monitoringUrl } = server;
  return {
    url,
    ...(monitoringUrl !== undefined && { monitoringUrl }),
    stop: async () => server.stop(),
    kill: async () => server.kill(),
    async restart(changes) {
      current = { ...current, ...changes };
      await server.stop();
      server = await start(Number(new URL(url).port));
    },
    async [Symbol.asyncDispose]() {
      await server.stop();
      await removeStore();
    },
  };
}
