import type { Messaging } from "@sluice/messaging";
import { decodePoolRecord, buckets, type PoolRecord } from "@sluice/protocol";
import { silentLogger } from "@sluice/runtime";
import {
  collectEvents,
  createFakeClock,
  createMemoryNats,
  type EventCollector,
  type FakeClock,
  type MemoryNats,
  type MemoryNatsOptions,
} from "@sluice/testing";
import { createDispatcher, type Dispatcher } from "../dispatcher.ts";
import type { DispatcherEvent } from "../event.ts";
import type { OwnerSettings } from "../settings.ts";
import { createStubCaller, type StubCaller, type StubCallerOptions } from "./stub-caller.ts";
import { createStubWorker, type StubWorker, type StubWorkerOptions } from "./stub-worker.ts";

/** A dispatcher that runs in a test. */
export interface RunningDispatcher {
  readonly name: string;
  readonly dispatcher: Dispatcher;
  readonly messaging: Messaging;
  readonly events: EventCollector<DispatcherEvent>;
  /** Asks it to stop and moves time until it has; `forMs` bounds the time. */
  stop(forMs?: number): Promise<void>;
  /** Ends it as the death of its process would. */
  kill(): Promise<void>;
}

export interface Cluster extends AsyncDisposable {
  readonly clock: FakeClock;
  readonly nats: MemoryNats;
  start(name: string, fields?: StartFields): Promise<RunningDispatcher>;
  worker(fields?: Partial<StubWorkerOptions>): StubWorker;
  caller(fields?: Partial<StubCallerOptions>): StubCaller;
  record(pool?: string): Promise<PoolRecord | undefined>;
}

export interface StartFields {
  readonly settings?: Partial<OwnerSettings>;
  readonly drainTimeoutMs?: number;
  /** Called within each event, with the connection of the dispatcher. */
  readonly onEvent?: (event: DispatcherEvent, messaging: Messaging) => void;
}

const defaultSettings: OwnerSettings = {
  defaultTimeoutMs: 30_000,
  maxQueueRequests: 1000,
  maxQueueBytes: 1024 * 1024,
  maxAttempts: 3,
};

/** Dispatchers, workers and callers around one NATS in memory. Disposal stops them all and checks that no timer is left. */
export function createCluster(natsOptions: Partial<MemoryNatsOptions> = {}): Cluster {
  const clock = createFakeClock();
  const nats = createMemoryNats({ clock, ...natsOptions });
  const running: RunningDispatcher[] = [];
  const workers: StubWorker[] = [];

  const start = async (name: string, fields: StartFields = {}): Promise<RunningDispatcher> => {
    const messaging = nats.connect();
    const events = collectEvents<DispatcherEvent>();
    const dispatcher = createDispatcher({
      self: name,
      settings: { ...defaultSettings, ...fields.settings },
      drainTimeoutMs: fields.drainTimeoutMs ?? 1000,
      messaging,
      clock,
      log: silentLogger,
      onEvent: (event) => {
        events.onEvent(event);
        fields.onEvent?.(event, messaging);
      },
    });
    const shutdown = new AbortController();
    let isStopped = false;
    const run = dispatcher.run(shutdown.signal).finally(() => {
      isStopped = true;
    });
    run.catch(() => undefined);
    const stop = async (forMs = 30_000): Promise<void> => {
      shutdown.abort();
      for (let spentMs = 0; !isStopped && spentMs < forMs; spentMs += 50) await clock.advance(50);
      await run;
    };
    const started: RunningDispatcher = {
      name,
      dispatcher,
      messaging,
      events,
      stop,
      kill: async () => {
        nats.kill(messaging);
        await clock.settle();
      },
    };
    running.push(started);
    await clock.settle();
    return started;
  };

  return {
    clock,
    nats,
    start,
    worker: (fields = {}) => {
      const worker = createStubWorker({ messaging: nats.connect(), clock, ...fields });
      workers.push(worker);
      return worker;
    },
    caller: (fields = {}) => createStubCaller({ messaging: nats.connect(), ...fields }),
    record: async (pool = "gpu") => {
      const bucket = await nats.connect().keyValue(buckets.pools);
      const entry = await bucket.get(pool);
      return entry === undefined ? undefined : decodePoolRecord(entry.value);
    },
    [Symbol.asyncDispose]: async () => {
      for (const worker of workers) worker[Symbol.dispose]();
      for (const each of running) await each.stop();
      if (clock.pending > 0) throw new Error(`${clock.pending} timers are left`);
    },
  };
}
