import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, type Client } from "@sluice/client";
import { connectMessaging } from "@sluice/messaging";
import { silentLogger, systemClock } from "@sluice/runtime";
import { startClusterOf } from "../../system/cluster.ts";
import { openTogether } from "../stage/open-together.ts";
import { listenToPools, type PoolEvents } from "../stage/pool-events.ts";

/** Everything but a worker: a nats-server, a dispatcher, a results service, a caller, and a folder for a model. */
export interface WorkerlessStage extends AsyncDisposable {
  readonly server: string;
  readonly repository: string;
  readonly poolEvents: PoolEvents;
  readonly client: Client;
}

/** Starts it with an empty repository. */
export function startWorkerlessStage(): Promise<WorkerlessStage> {
  return openTogether(async (onClose) => {
    const repository = await mkdtemp(join(tmpdir(), "sluice-cold-start-"));
    onClose(() => rm(repository, { recursive: true, force: true }));
    const cluster = await startClusterOf({});
    onClose(async () => cluster[Symbol.asyncDispose]());
    await cluster.start("dispatcher", "d1");
    await cluster.start("results", "r1");
    const { server } = cluster;
    const messaging = await connectMessaging({
      servers: [server],
      name: "cold-start",
      log: silentLogger,
      clock: systemClock,
    });
    onClose(() => messaging.close());
    const client = await connect({ tenant: "a", messaging });
    onClose(() => client.close());
    return { server, repository, poolEvents: listenToPools(messaging), client };
  });
}
