import { connectMessaging } from "@sluice/messaging";
import {
  createLogger,
  createMetrics,
  readOrExit,
  runService,
  serveStatus,
  systemClock,
} from "@sluice/runtime";
import { closingMs, readConfig } from "./config.ts";
import { createDispatcher } from "./dispatcher.ts";

const config = readOrExit(() => readConfig(process.env));
const log = createLogger({ service: "dispatcher", level: config.logLevel });
log.info("configuration read", { ...config });

await runService({ log, drainTimeoutMs: config.drainTimeoutMs + closingMs }, async (shutdown) => {
  using metrics = createMetrics({ service: "dispatcher" });
  const { nats, self: name } = config;
  await using messaging = await connectMessaging({ ...nats, name, log, clock: systemClock });
  const dispatcher = createDispatcher({
    self: config.self,
    settings: config.owner,
    drainTimeoutMs: config.drainTimeoutMs,
    messaging,
    clock: systemClock,
    log,
    metrics,
  });
  await using status = await serveStatus({
    port: config.statusPort,
    host: config.statusHost,
    state: () => dispatcher.state,
    metrics,
  });
  log.info("status served", { host: config.statusHost, port: status.port });
  await dispatcher.run(shutdown);
});
