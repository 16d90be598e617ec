import { connectMessaging } from "@sluice/messaging";
import {
  createLogger,
  createMetrics,
  readOrExit,
  runService,
  serveStatus,
  systemClock,
} from "@sluice/runtime";
import { readConfig } from "./config.ts";
import { createResultsMetrics } from "./results-metrics.ts";
import { createResults } from "./results.ts";

const config = readOrExit(() => readConfig(process.env));
const log = createLogger({ service: "results", level: config.logLevel });
log.info("configuration read", { ...config });

await runService({ log, drainTimeoutMs: config.drainTimeoutMs }, async (shutdown) => {
  using metrics = createMetrics({ service: "results" });
  const { nats, instance: name } = config;
  await using messaging = await connectMessaging({ ...nats, name, log, clock: systemClock });
  const results = createResults({
    instance: config.instance,
    graceMs: config.graceMs,
    messaging,
    clock: systemClock,
    log,
    onEvent: createResultsMetrics(metrics),
  });
  await using status = await serveStatus({
    port: config.statusPort,
    host: config.statusHost,
    state: () => results.state,
    metrics,
  });
  log.info("status served", { host: config.statusHost, port: status.port });
  await results.run(shutdown);
});
