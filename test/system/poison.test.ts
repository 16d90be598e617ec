import { connect } from "@sluice/client";
import { describe, expect, test } from "vitest";
import { poison, startCluster } from "./cluster.ts";
import { startLoad } from "./load.ts";

describe("a request that kills the worker it runs on", () => {
  test("is given up after three workers and takes none of its mates along", async () => {
    await using cluster = await startCluster({ alphaMs: 20, betaMs: 1, maxBatchSize: 8 });
    await cluster.start("dispatcher", "d1");
    await cluster.start("results", "r1");
    for (const id of ["w1", "w2", "w3", "w4"]) await cluster.start("worker", id);
    await using client = await connect({ servers: cluster.server, tenant: "demo" });
    const load = startLoad(client, { outstanding: 32, timeoutMs: 30_000 });
    await load.answered(100);

    const poisoned = client
      .model("echo")
      .infer({ input: { data: Float32Array.of(poison, 0), shape: [1, 2] } }, { timeoutMs: 30_000 });
    await expect(poisoned).rejects.toMatchObject({ code: "internal", message: expect.stringContaining("3") });

    await load.answered(load.answeredCount + 50);
    const outcome = await load.stop();
    expect(outcome.failures).toEqual([]);
    expect(outcome.answeredCount).toBe(outcome.sentCount);
  }, 60_000);
});
