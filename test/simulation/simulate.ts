import type { RequestQueue } from "@sluice/scheduling";
import type { Engine } from "./engine.ts";
import { createEventLoop } from "./event-loop.ts";
import type { Load } from "./load.ts";
import { startLoads } from "./loads.ts";
import type { EngineRun } from "./measure/engine-log.ts";
import { createTenantRecorder, type TenantRecord, type TenantRecorder } from "./measure/tenant-record.ts";
import { createPool, type SimulatedWorker } from "./pool.ts";
import type { SimulatedRequest } from "./request.ts";
import type { Traffic } from "./traffic.ts";

/** One pool under load, as data. The same experiment gives the same outcome in every run. */
export interface Experiment {
  readonly queue: RequestQueue<SimulatedRequest>;
  readonly workers: readonly SimulatedWorker[];
  readonly engineOf: (model: string) => Engine;
  /** A load keeps its requests, whatever the queue and the other loads do, as long as its place in the list stays. */
  readonly loads: readonly Load[];
  /** When the loads end at the latest. What waits then is still served, so that no slow answer goes unmeasured. */
  readonly untilMs: number;
  readonly seed: number;
}

/** What was measured, none of it by the queue. */
export interface Outcome {
  /** In the order in which runs ended. */
  readonly engineLog: readonly EngineRun[];
  /** @throws {Error} for a tenant without a load. */
  record(tenant: string): TenantRecord;
}

/** Runs an experiment to its end. */
export function simulate({ queue, workers, engineOf, loads, untilMs, seed }: Experiment): Outcome {
  const loop = createEventLoop();
  const engineLog: EngineRun[] = [];
  const recorders = new Map<string, TenantRecorder>(
    loads.map(({ tenant }) => [tenant, createTenantRecorder()]),
  );
  let traffic: readonly Traffic[] = [];

  const recorderOf = (tenant: string): TenantRecorder => {
    const recorder = recorders.get(tenant);
    if (recorder === undefined) throw new Error(`no load of tenant ${tenant}`);
    return recorder;
  };

  const pool = createPool({
    loop,
    queue,
    workers,
    engineOf,
    observer: {
      onAdded: ({ tenant }) => recorderOf(tenant).added(loop.nowMs),
      onLeft: (requests) => {
        const counts = new Map<number, number>();
        for (const request of requests) {
          recorderOf(request.tenant).left(request, loop.nowMs);
          counts.set(request.load, (counts.get(request.load) ?? 0) + 1);
        }
        for (const [load, count] of counts) traffic[load]?.replace(count);
      },
      onAnswered: (request) => recorderOf(request.tenant).answered(request, loop.nowMs),
      onRun: (run) => engineLog.push(run),
    },
  });

  traffic = startLoads({ loop, loads, untilMs, seed, onArrived: pool.add });
  loop.run();
  return { engineLog, record: recorderOf };
}
