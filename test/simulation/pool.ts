import type { RequestQueue } from "@sluice/scheduling";
import { attribute, batchMs, type Engine } from "./engine.ts";
import type { EventLoop } from "./event-loop.ts";
import type { EngineRun } from "./measure/engine-log.ts";
import type { SimulatedRequest } from "./request.ts";

/** A worker that asks for one batch when it is free. */
export interface SimulatedWorker {
  readonly models: readonly string[];
}

/** What happens to requests, for those who measure. */
export interface PoolObserver {
  onAdded(request: SimulatedRequest): void;
  /** Left the queue, to a worker or because its deadline passed. */
  onLeft(requests: readonly SimulatedRequest[]): void;
  onAnswered(request: SimulatedRequest): void;
  onRun(run: EngineRun): void;
}

export interface PoolOptions {
  readonly loop: EventLoop;
  readonly queue: RequestQueue<SimulatedRequest>;
  readonly workers: readonly SimulatedWorker[];
  readonly engineOf: (model: string) => Engine;
  readonly observer: PoolObserver;
}

/** One pool: the queue under test, and workers that take from it. */
export interface Pool {
  /** Adds requests that arrive together; free workers see them together. */
  add(requests: readonly SimulatedRequest[]): void;
}

export function createPool({ loop, queue, workers, engineOf, observer }: PoolOptions): Pool {
  /** Free for longest, first. */
  let free = [...workers];

  const expire = (): void => {
    if (queue.nextDeadlineMs() <= loop.nowMs) observer.onLeft(queue.expire(loop.nowMs));
  };

  /** Gives a worker its next batch; tells whether there was one. */
  const serve = (worker: SimulatedWorker): boolean => {
    const requests = queue.take(
      {
        models: worker.models,
        maxItems: (model) => engineOf(model).maxBatchItems,
        maxBytes: Infinity,
        alone: false,
      },
      loop.nowMs,
    );
    const [first] = requests;
    if (first === undefined) return false;
    observer.onLeft(requests);
    const engine = engineOf(first.model);
    const startMs = loop.nowMs;
    loop.at(startMs + batchMs(engine, requests), () => finish(worker, { startMs, engine, requests }));
    return true;
  };

  const finish = (
    worker: SimulatedWorker,
    batch: {
      readonly startMs: number;
      readonly engine: Engine;
      readonly requests: readonly SimulatedRequest[];
    },
  ): void => {
    const { startMs, engine, requests } = batch;
    const parts = attribute(engine, requests);
    observer.onRun({
      startMs,
      endMs: loop.nowMs,
      parts: parts.map(({ request, costMs }) => ({ tenant: request.tenant, costMs })),
    });
    for (const { request, costMs } of parts) {
      queue.settle(request, costMs);
      observer.onAnswered(request);
    }
    expire();
    if (!serve(worker)) free.push(worker);
  };

  return {
    add: (requests) => {
      for (const request of requests) {
        queue.add(request);
        observer.onAdded(request);
      }
      if (free.length === 0) return;
      expire();
      free = free.filter((worker) => !serve(worker));
    },
  };
}
