import { connectMessaging } from "@sluice/messaging";
import {
  createLogger,
  createMetrics,
  readOrExit,
  runService,
  serveStatus,
  systemClock,
  systemRandom,
} from "@sluice/runtime";
import { readConfig } from "./config.ts";
import { createEngineLoader } from "./models/engine-loader.ts";
import { readModelRepository } from "./repository/model-repository.ts";
import { createWorkerMetrics } from "./worker-metrics.ts";
import { createWorker } from "./worker.ts";

const config = readOrExit(() => readConfig(process.env));
const clock = systemClock;
const log = createLogger({ service: "worker", level: config.logLevel }).child({ worker: config.workerId });
log.info("configuration read", { ...config });

await runService({ log, drainTimeoutMs: config.drainTimeoutMs }, async (shutdown) => {
  const repository = await readModelRepository(config.modelRepository);
  const { workerId: name, nats } = config;
  await using messaging = await connectMessaging({ ...nats, name, log, clock });
  using metrics = createMetrics({ service: "worker" });
  const worker = createWorker({
    config,
    messaging,
    repository,
    loadEngine: createEngineLoader({ ...config, clock, random: systemRandom }),
    clock,
    log,
    onEvent: createWorkerMetrics(metrics),
  });
  const status = { port: config.statusPort, host: config.statusHost };
  await using server = await serveStatus({ ...status, state: () => worker.state, metrics });
  log.info("status served", { host: config.statusHost, port: server.port });
  await worker.run(shutdown);
});
