import { connect } from "@sluice/client";
import { describe, expect, test } from "vitest";
import { startCluster, type ServiceName } from "./cluster.ts";
import { connectPlain, startLoad, startPlainLoad } from "./load.ts";

/** Enough for what is noticed late (2 s), and the run itself. */
const timeoutMs = 15_000;
/** Each loses other messages: some are on their way to the service, some from it. */
const lossCount = 5;

describe("a cluster under load, when a connection ends for one side again and again, and not for the server", () => {
  test.each([
    { whose: "dispatcher", isPlain: false },
    { whose: "worker", isPlain: false },
    { whose: "worker", isPlain: true },
    { whose: "results", isPlain: true },
    { whose: "client", isPlain: false },
  ] as const)(
    "answers every request exactly once: $whose, plain callers: $isPlain",
    async ({ whose, isPlain }) => {
      await using cluster = await startCluster({ alphaMs: 20, betaMs: 1, maxBatchSize: 8 });
      const proxy = await cluster.startProxy();
      const start = (service: ServiceName, id: string) =>
        cluster.start(service, id, service === whose ? { SLUICE_NATS_URL: proxy.url } : {});
      await start("dispatcher", "d1");
      await start("results", "r1");
      await start("worker", "w1");
      const servers = whose === "client" ? proxy.url : cluster.server;
      await using client = await connect({ servers, tenant: "demo" });
      await using plain = await connectPlain(cluster.server);
      const callers = { outstanding: 32, timeoutMs };
      using load = isPlain ? startPlainLoad(plain, callers) : startLoad(client, callers);
      await load.answered(100);
      for (let count = 0; count < lossCount; count++) {
        proxy.forget();
        await load.answered(load.answeredCount + 100);
      }
      const outcome = await load.stop();
      expect(outcome.failures).toEqual([]);
      expect(outcome.answeredCount).toBe(outcome.sentCount);
    },
  );
});
