import { rendezvousWinner } from "@sluice/scheduling";
import { createCluster, type Cluster, type RunningDispatcher, type StartFields } from "./cluster.ts";
import type { StubCaller } from "./stub-caller.ts";
import type { StubWorker, StubWorkerOptions } from "./stub-worker.ts";

/** The one of two dispatchers that pool `gpu` falls to while both live, and the other. */
export const winner = rendezvousWinner("gpu", ["d1", "d2"]) ?? "";
export const first = winner === "d1" ? "d2" : "d1";

export interface HandOverScene extends AsyncDisposable {
  readonly cluster: Cluster;
  readonly old: RunningDispatcher;
  readonly worker: StubWorker;
  readonly caller: StubCaller;
  /** Starts the dispatcher that the pool falls to, and moves time until the hand-over begins. */
  startSuccessor(fields?: StartFields): Promise<RunningDispatcher>;
}

export interface HandOverSceneFields {
  /** Of the owner that is alone at first. */
  readonly old?: StartFields;
  readonly worker?: Partial<StubWorkerOptions>;
  readonly maxPayloadBytes?: number;
}

/** A pool whose owner is alone, and a better owner about to come. */
export async function createHandOverScene(fields: HandOverSceneFields = {}): Promise<HandOverScene> {
  const { maxPayloadBytes } = fields;
  const cluster = createCluster(maxPayloadBytes === undefined ? {} : { maxPayloadBytes });
  const old = await cluster.start(first, fields.old);
  const worker = cluster.worker(fields.worker);
  const caller = cluster.caller();
  await cluster.clock.advance(1000);
  return {
    cluster,
    old,
    worker,
    caller,
    startSuccessor: async (successorFields = {}) => {
      const successor = await cluster.start(winner, successorFields);
      while (old.events.count("handoverStarted") === 0) await cluster.clock.advance(50);
      return successor;
    },
    [Symbol.asyncDispose]: () => cluster[Symbol.asyncDispose](),
  };
}
