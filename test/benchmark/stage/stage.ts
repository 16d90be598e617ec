import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, type Client, type ClientOptions } from "@sluice/client";
import { connectMessaging, type Messaging } from "@sluice/messaging";
import { silentLogger, systemClock } from "@sluice/runtime";
import { createProgram } from "sluice";
import { startClusterOf, type Cluster, type ServiceProcess } from "../../system/cluster.ts";
import { readEngineLog, type LoggedRun } from "./engine-log.ts";
import { describeModels, type StagedPool } from "./models.ts";
import { openTogether } from "./open-together.ts";
import { listenToPools, type PoolEvents } from "./pool-events.ts";
import { createTags, type Tags } from "./tags.ts";

export interface StageOptions {
  readonly pools: Readonly<Record<string, StagedPool>>;
  readonly dispatchers: readonly string[];
  /** In the order of their tags. */
  readonly tenants: readonly string[];
  /** Of tenants with a record; the others are of the default class. */
  readonly weights?: Readonly<Record<string, number>>;
  /** Whether engines write down what they ran; default true. Then workers do not measure them first. */
  readonly logsRuns?: boolean;
}

/** A nats-server, dispatchers, a results service and workers, each a process of its own, and their engines' log. */
export interface Stage extends AsyncDisposable {
  readonly tags: Tags;
  /** URL of the nats-server. */
  readonly server: string;
  readonly dispatchers: ReadonlyMap<string, ServiceProcess>;
  readonly workers: readonly ServiceProcess[];
  readonly poolEvents: PoolEvents;
  /** A tenant's client, over a connection that all of these share: a socket for each would only cost processor time. */
  client(tenant: string, options?: Pick<ClientOptions, "onEvent" | "drainTimeoutMs">): Promise<Client>;
  /** A tenant's client with a connection of its own. */
  connect(tenant: string): Promise<Client>;
  engineLog(): Promise<readonly LoggedRun[]>;
}

/** A thousand models, of which some are measured first, on a machine that starts several such workers at the same time. */
const startTimeoutMs = 180_000;

/** Starts everything; resolves once the owner of each pool announces all of its models and workers. */
export function startStage(options: StageOptions): Promise<Stage> {
  return openTogether(async (onClose) => {
    const tags = createTags(options.tenants);
    const folder = await mkdtemp(join(tmpdir(), "sluice-stage-"));
    onClose(() => rm(folder, { recursive: true, force: true }));
    const runLog = join(folder, "runs.jsonl");
    const models = describeModels(options.pools, options.logsRuns === false ? undefined : runLog);
    const cluster = await startClusterOf(models, { startTimeoutMs });
    onClose(async () => cluster[Symbol.asyncDispose]());
    const { server } = cluster;
    const open = async (name: string): Promise<Messaging> => {
      const messaging = await connectMessaging({
        servers: [server],
        name,
        log: silentLogger,
        clock: systemClock,
      });
      onClose(() => messaging.close());
      return messaging;
    };
    const bystander = await open("bystander");
    const shared = await open("clients");
    const poolEvents = listenToPools(bystander);
    for (const [tenant, weight] of Object.entries(options.weights ?? {})) {
      await setWeight(server, { tenant, weight });
    }
    const { dispatchers, workers } = await startServices(cluster, options);
    await allAnnounced(poolEvents, options.pools);
    const clients: Client[] = [];
    onClose(() => Promise.all(clients.map((client) => client.close())));
    const connectClient = async (clientOptions: ClientOptions): Promise<Client> => {
      const client = await connect(clientOptions);
      clients.push(client);
      return client;
    };

    return {
      tags,
      server,
      dispatchers,
      workers,
      poolEvents,
      client: (tenant, clientOptions) => connectClient({ ...clientOptions, tenant, messaging: shared }),
      connect: (tenant) => connectClient({ tenant, servers: server }),
      engineLog: () => readEngineLog(runLog, tags),
    };
  });
}

/** Writes a tenant's record as an operator does. */
async function setWeight(
  server: string,
  { tenant, weight }: { tenant: string; weight: number },
): Promise<void> {
  const program = createProgram({
    env: { NATS_URL: server },
    folder: tmpdir(),
    clock: systemClock,
    print: () => undefined,
    note: () => undefined,
  });
  await program.parseAsync(["node", "sluice", "tenants", "set", tenant, "--weight", String(weight)]);
}

async function startServices(
  cluster: Cluster,
  { dispatchers, pools, logsRuns = true }: StageOptions,
): Promise<Pick<Stage, "dispatchers" | "workers">> {
  const started = new Map<string, ServiceProcess>();
  for (const id of dispatchers) started.set(id, await cluster.start("dispatcher", id));
  await cluster.start("results", "r1");
  const wanted = Object.entries(pools).flatMap(([pool, { workerCount, slotsOfWorker }]) => {
    const settings = {
      SLUICE_POOL: pool,
      SLUICE_SLOTS: String(slotsOfWorker),
      // The engines' log is to hold nothing but what tenants asked for.
      ...(logsRuns ? { SLUICE_CALIBRATION_MS: "0" } : {}),
    };
    return Array.from({ length: workerCount }, (_, index) => ({ id: `${pool}-w${index + 1}`, settings }));
  });
  const workers = await Promise.all(wanted.map(({ id, settings }) => cluster.start("worker", id, settings)));
  return { dispatchers: started, workers };
}

async function allAnnounced(
  poolEvents: PoolEvents,
  pools: Readonly<Record<string, StagedPool>>,
): Promise<void> {
  const announced = Object.entries(pools).map(([name, { models, workerCount }]) =>
    poolEvents.next(
      (event) =>
        event.pool === name &&
        event.models.filter((model) => model.workerCount === workerCount).length ===
          Object.keys(models).length,
    ),
  );
  await Promise.all(announced);
}
