import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { connect, type Client } from "@sluice/client";
import { startClusterOf, type ServiceProcess } from "../../../system/cluster.ts";
import { openTogether } from "../../stage/open-together.ts";

/** A nats-server, a dispatcher, a results service and one worker that serves one of the models of `deploy/models`. */
export interface ModelStage extends AsyncDisposable {
  readonly client: Client;
  readonly worker: ServiceProcess;
  /** URL of the nats-server. */
  readonly server: string;
  /** Folder of the model that is served. */
  readonly modelFolder: string;
}

/** Starts every process; the benchmark runs in the root of the repository. Calls wait until the model is announced. */
export function startModelStage(model: string): Promise<ModelStage> {
  return openTogether(async (onClose) => {
    const repository = await mkdtemp(join(tmpdir(), "sluice-batching-"));
    onClose(() => rm(repository, { recursive: true, force: true }));
    const modelFolder = join(repository, model);
    await cp(resolve("deploy/models", model), modelFolder, { recursive: true });
    const cluster = await startClusterOf({});
    onClose(async () => cluster[Symbol.asyncDispose]());
    await cluster.start("dispatcher", "d1");
    await cluster.start("results", "r1");
    const worker = await cluster.start("worker", "w1", {
      SLUICE_MODEL_REPOSITORY: repository,
      SLUICE_POOL: "default",
    });
    const client = await connect({ tenant: "a", servers: cluster.server });
    onClose(() => client.close());
    return { client, worker, server: cluster.server, modelFolder };
  });
}
