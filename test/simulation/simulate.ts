import type { RequestQueue } from "@sluice/scheduling";
import type { Engine } from "./engine.ts";
import { createEventLoop } from "./event-loop.ts";
import type { Load } from "./load.ts";
import type { EngineRun } from "./measure/engine-log.ts";
import { createTenantRecorder, type TenantRecord, type TenantRecorder } from "./measure/tenant-record.ts";
import { createPool, type SimulatedWorker } from "./pool.ts";
import { createRandom } from "./random.ts";
import type { SimulatedRequest } from "./request.ts";
import { startTraffic, type Sending, type Traffic } from "./traffic.ts";

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
  const traffic: Traffic[] = [];
  let arrival = 0;

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

  const toRequest = ({ load, index }: { load: Load; index: number }, sending: Sending): SimulatedRequest => {
    arrival += 1;
    return {
      tenant: load.tenant,
      model: load.model,
      items: 1,
      length: 1,
      bytes: 1,
      deadlineMs: sending.sentMs + load.timeoutMs,
      arrival,
      maxBatchItems: Infinity,
      runsAlone: false,
      priority: 0,
      chargedMs: 0,
      stay: "new",
      load: index,
      gateway: load.gateway,
      sentMs: sending.sentMs,
      arrivedMs: loop.nowMs,
      costFactor: sending.costFactor,
    };
  };

  loads.forEach((load, index) => {
    const bounded = { ...load, untilMs: Math.min(load.untilMs, untilMs) };
    const random = createRandom(seed, index);
    const onSent = (sendings: readonly Sending[]): void =>
      pool.add(sendings.map((sending) => toRequest({ load, index }, sending)));
    traffic.push(startTraffic(bounded, { loop, random, onSent }));
  });
  loop.run();
  return { engineLog, record: recorderOf };
}
