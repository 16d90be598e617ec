import { rendezvousWinner } from "@sluice/scheduling";
import { createCluster, type Cluster, type RunningDispatcher, type StartFields } from "./cluster.ts";
import type { StubCaller } from "./stub-caller.ts";
import type { StubWorker } from "./stub-worker.ts";

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

/** A pool whose owner is alone, and a better owner about to come. */
export async function createHandOverScene(): Promise<HandOverScene> {
  const cluster = createCluster();
  const old = await cluster.start(first);
  const worker = cluster.worker();
  const caller = cluster.caller();
  await cluster.clock.advance(1000);
  return {
    cluster,
    old,
    worker,
    caller,
    startSuccessor: async (fields = {}) => {
      const successor = await cluster.start(winner, fields);
      while (old.events.count("handoverStarted") === 0) await cluster.clock.advance(50);
      return successor;
    },
    [Symbol.asyncDispose]: () => cluster[Symbol.asyncDispose](),
  };
}
