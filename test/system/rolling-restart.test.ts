import { connect } from "@sluice/client";
import { describe, expect, test } from "vitest";
import { startCluster, type ServiceName } from "./cluster.ts";
import { startLoad } from "./load.ts";

describe("a rolling restart", () => {
  test("shows no error at the client", async () => {
    await using cluster = await startCluster({ alphaMs: 20, betaMs: 1, maxBatchSize: 8 });
    const replicas: readonly (readonly [ServiceName, string])[] = [
      ["dispatcher", "d1"],
      ["dispatcher", "d2"],
      ["results", "r1"],
      ["results", "r2"],
      ["worker", "w1"],
      ["worker", "w2"],
    ];
    const running = new Map<string, Awaited<ReturnType<typeof cluster.start>>>();
    for (const [service, id] of replicas) running.set(id, await cluster.start(service, id));
    await using client = await connect({ servers: cluster.server, tenant: "demo" });
    using load = startLoad(client, { outstanding: 16, timeoutMs: 15_000 });
    await load.answered(100);

    for (const [service, id] of replicas) {
      const exitCode = await running.get(id)?.terminate();
      expect({ id, exitCode }).toEqual({ id, exitCode: 0 });
      await cluster.start(service, id);
      await load.answered(load.answeredCount + 100);
    }

    const outcome = await load.stop();
    expect(outcome.failures).toEqual([]);
    expect(outcome.answeredCount).toBe(outcome.sentCount);
  }, 120_000);
});
