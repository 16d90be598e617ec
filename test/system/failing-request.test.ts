import { connect } from "@sluice/client";
import { describe, expect, test } from "vitest";
import { poison, startCluster } from "./cluster.ts";
import { startLoad } from "./load.ts";

describe("a request that makes every run fail that it is in", () => {
  test("is answered with an error and takes none of its mates along", async () => {
    await using cluster = await startCluster({ alphaMs: 20, betaMs: 1, maxBatchSize: 8 });
    await cluster.start("dispatcher", "d1");
    await cluster.start("results", "r1");
    await cluster.start("worker", "w1");
    await cluster.start("worker", "w2");
    await using client = await connect({ servers: cluster.server, tenant: "demo" });
    const load = startLoad(client, { outstanding: 32, timeoutMs: 30_000 });
    await load.answered(100);

    const poisoned = client
      .model("echo")
      .infer({ input: { data: Float32Array.of(poison, 0), shape: [1, 2] } }, { timeoutMs: 30_000 });
    await expect(poisoned).rejects.toMatchObject({ code: "internal" });

    await load.answered(load.answeredCount + 50);
    const outcome = await load.stop();
    expect(outcome.failures).toEqual([]);
    expect(outcome.answeredCount).toBe(outcome.sentCount);
  }, 60_000);
});
