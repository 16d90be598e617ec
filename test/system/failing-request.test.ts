import { connect, type Client } from "@sluice/client";
import { describe, expect, test } from "vitest";
import { faults, startCluster } from "./cluster.ts";
import { startLoad } from "./load.ts";

const timeoutMs = 30_000;

/** Calls the model with a request that asks for a fault. */
function poison(client: Client, fault: number): Promise<unknown> {
  return client
    .model("echo")
    .infer({ input: { data: Float32Array.of(fault, 0), shape: [1, 2] } }, { timeoutMs });
}

describe("a request that makes every run fail that it is in", () => {
  test("is answered with an error and takes none of its mates along", async () => {
    await using cluster = await startCluster({ alphaMs: 20, betaMs: 1, maxBatchSize: 8 });
    await cluster.start("dispatcher", "d1");
    await cluster.start("results", "r1");
    await cluster.start("worker", "w1");
    await cluster.start("worker", "w2");
    await using client = await connect({ servers: cluster.server, tenant: "demo" });
    using load = startLoad(client, { outstanding: 32, timeoutMs });
    await load.answered(100);

    await expect(poison(client, faults.fail)).rejects.toMatchObject({ code: "internal" });

    await load.answered(load.answeredCount + 50);
    const outcome = await load.stop();
    expect(outcome.failures).toEqual([]);
    expect(outcome.answeredCount).toBe(outcome.sentCount);
  }, 60_000);
});

describe("a request that ends every worker process that runs it", () => {
  test("is answered with an error and takes nobody along, whatever else its workers ran", async () => {
    await using cluster = await startCluster({ alphaMs: 20, betaMs: 1, maxBatchSize: 8, instances: 2 });
    await cluster.start("dispatcher", "d1");
    await cluster.start("results", "r1");
    const workers = await Promise.all(["w1", "w2", "w3", "w4"].map((id) => cluster.keep("worker", id)));
    await using client = await connect({ servers: cluster.server, tenant: "demo" });
    // Enough for every worker to have two full batches, and for others to wait.
    using load = startLoad(client, { outstanding: 128, timeoutMs });
    await load.answered(500);

    await expect(poison(client, faults.crash)).rejects.toMatchObject({ code: "internal" });

    await load.answered(load.answeredCount + 200);
    const outcome = await load.stop();
    expect(outcome.failures).toEqual([]);
    expect(outcome.answeredCount).toBe(outcome.sentCount);
    expect(workers.reduce((sum, worker) => sum + worker.endCount, 0)).toBe(3);
  }, 90_000);
});
