import type { OwnerSettings } from "../settings.ts";
import { createCluster, type Cluster, type RunningDispatcher } from "./cluster.ts";
import type { StubCaller } from "./stub-caller.ts";
import type { StubWorker, StubWorkerOptions } from "./stub-worker.ts";

/** One dispatcher that owns pool `gpu`, one worker of model `echo`, one caller of tenant `acme`. */
export interface Scene extends AsyncDisposable {
  readonly cluster: Cluster;
  readonly dispatcher: RunningDispatcher;
  readonly worker: StubWorker;
  readonly caller: StubCaller;
}

export interface SceneFields {
  readonly settings?: Partial<OwnerSettings>;
  readonly worker?: Partial<StubWorkerOptions>;
  readonly maxPayloadBytes?: number;
}

/** Creates the scene at the moment when the dispatcher owns the pool and knows the worker. */
export async function createScene(fields: SceneFields = {}): Promise<Scene> {
  const { maxPayloadBytes, settings = {} } = fields;
  const cluster = createCluster(maxPayloadBytes === undefined ? {} : { maxPayloadBytes });
  const dispatcher = await cluster.start("d1", { settings });
  const worker = cluster.worker(fields.worker);
  const caller = cluster.caller();
  await cluster.clock.advance(1000);
  return {
    cluster,
    dispatcher,
    worker,
    caller,
    [Symbol.asyncDispose]: () => cluster[Symbol.asyncDispose](),
  };
}
