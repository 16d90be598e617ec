import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, type Client } from "@sluice/client";
import { createDispatcher, type DispatcherEvent } from "@sluice/dispatcher";
import { connectMessaging, type Messaging } from "@sluice/messaging";
import { decodePoolEvent, subjects } from "@sluice/protocol";
import { createResults } from "@sluice/results";
import { silentLogger, systemClock, systemRandom } from "@sluice/runtime";
import { collectEvents, startNatsServer, type EventCollector } from "@sluice/testing";
import { createEngineLoader, createWorker, readModelRepository, readConfig } from "@sluice/worker";

const log = silentLogger;
const clock = systemClock;

/** All services in this process, on a real nats-server. Disposal drains them in order. */
export interface Stack extends AsyncDisposable {
  readonly server: string;
  /** Where the nats-server tells its counters, if it was asked to. */
  readonly monitoringUrl?: string;
  /** A connection of the test's own. */
  readonly messaging: Messaging;
  readonly dispatcherEvents: EventCollector<DispatcherEvent>;
  connectClient(options?: { readonly tenant?: string; readonly retries?: number }): Promise<Client>;
  /** Starts the worker and resolves once the owner announces all its models. */
  startWorker(): Promise<void>;
  /** Drains the worker and resolves when it is gone. */
  stopWorker(): Promise<void>;
}

/** `model.yaml` texts by model name, for a repository made for one test. */
export type Repository = Readonly<Record<string, string>>;

/** Starts nats-server, dispatcher, results and, unless told otherwise, a worker with the given models. */
export async function startStack(options: {
  /** A folder, or the files of one. */
  readonly repository: string | Repository;
  readonly maxPayloadBytes?: number;
  /** Whether the nats-server tells its counters. Default false. */
  readonly monitoring?: boolean;
  readonly withoutWorker?: boolean;
  /** A second dispatcher, `d2`, that stands by and is the home of some tenants. */
  readonly withStandby?: boolean;
}): Promise<Stack> {
  const { maxPayloadBytes, monitoring = false } = options;
  const nats = await startNatsServer({
    monitoring,
    ...(maxPayloadBytes !== undefined && { maxPayloadBytes }),
  });
  const { repository } = options;
  const modelRepository = typeof repository === "string" ? repository : await writeRepository(repository);
  const connectAs = (name: string): Promise<Messaging> =>
    connectMessaging({ servers: [nats.url], name, log, clock });

  const dispatcherEvents = collectEvents<DispatcherEvent>();
  const startDispatcher = (
    self: string,
    onEvent: (event: DispatcherEvent) => void,
  ): Promise<RunningService> =>
    startService(connectAs(self), (messaging) =>
      createDispatcher({
        self,
        settings: {
          defaultTimeoutMs: 30_000,
          maxQueueRequests: 1_000,
          maxQueueBytes: 1 << 26,
          maxAttempts: 3,
        },
        drainTimeoutMs: 5_000,
        messaging,
        clock,
        log,
        onEvent,
      }),
    );
  const dispatcher = await startDispatcher("d1", dispatcherEvents.onEvent);
  const standby = options.withStandby === true ? await startDispatcher("d2", () => undefined) : undefined;
  const results = await startService(connectAs("results"), (messaging) =>
    createResults({ instance: "r1", graceMs: 1_000, messaging, clock, log }),
  );
  let worker: RunningService | undefined;

  const messaging = await connectAs("test");
  const stack: Stack = {
    server: nats.url,
    ...(nats.monitoringUrl !== undefined && { monitoringUrl: nats.monitoringUrl }),
    messaging,
    dispatcherEvents,
    connectClient: (clientOptions = {}) => connect({ servers: nats.url, tenant: "demo", ...clientOptions }),
    async startWorker() {
      const config = readConfig({
        SLUICE_MODEL_REPOSITORY: modelRepository,
        SLUICE_WORKER_ID: "w1",
        // Nothing here depends on good predictions, and a slow model would take seconds.
        SLUICE_CALIBRATION_MS: "0",
      });
      const models = await readModelRepository(modelRepository);
      const announced = modelsAnnounced(messaging, models.models.length);
      worker = await startService(connectAs("worker"), (messaging) =>
        createWorker({
          config,
          messaging,
          repository: models,
          loadEngine: createEngineLoader({ ...config, clock, random: systemRandom }),
          clock,
          log,
        }),
      );
      await announced;
    },
    async stopWorker() {
      await worker?.stop();
      worker = undefined;
    },
    async [Symbol.asyncDispose]() {
      await standby?.stop();
      await dispatcher.stop();
      await stack.stopWorker();
      await results.stop();
      await stack.messaging.close();
      await nats[Symbol.asyncDispose]();
      if (modelRepository !== repository) await rm(modelRepository, { recursive: true, force: true });
    },
  };
  if (options.withoutWorker !== true) await stack.startWorker();
  return stack;
}

/** Resolves with the first announcement in which so many models have a worker. */
function modelsAnnounced(messaging: Messaging, modelCount: number): Promise<void> {
  return new Promise((resolve) => {
    const subscription = messaging.subscribe(subjects.poolEventAll(), ({ payload }) => {
      const served = decodePoolEvent(payload).models.filter(({ workerCount }) => workerCount > 0);
      if (served.length < modelCount) return;
      subscription.unsubscribe();
      resolve();
    });
  });
}

interface RunningService {
  stop(): Promise<void>;
}

async function startService(
  connecting: Promise<Messaging>,
  create: (messaging: Messaging) => { run(shutdown: AbortSignal): Promise<void> },
): Promise<RunningService> {
  const messaging = await connecting;
  const shutdown = new AbortController();
  const ended = create(messaging).run(shutdown.signal);
  // The failure is thrown by stop(), which every test reaches through disposal.
  ended.catch(() => undefined);
  return {
    async stop() {
      shutdown.abort();
      await ended;
      await messaging.close();
    },
  };
}

async function writeRepository(models: Repository): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "sluice-models-"));
  for (const [name, yaml] of Object.entries(models)) {
    await mkdir(join(folder, name));
    await writeFile(join(folder, name, "model.yaml"), yaml);
  }
  return folder;
}
