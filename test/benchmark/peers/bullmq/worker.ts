import { Worker } from "bullmq";
import { openProbeSession } from "../probe/probe-session.ts";
import { toRedisOptions } from "./redis-options.ts";
import { queueName, type ProbeJob } from "./queue.ts";

/** A BullMQ worker with the model inline that has up to `concurrency` jobs open; BullMQ has no batches. */
export async function runBullmqWorker(url: string, concurrency: number): Promise<void> {
  const session = await openProbeSession();
  const worker = new Worker<ProbeJob, number[]>(
    queueName,
    async ({ data }) => Array.from(await session.run(Float32Array.from(data.input))),
    { connection: toRedisOptions(url), concurrency },
  );
  worker.on("error", (error) => console.error(error));
  await worker.waitUntilReady();
}
