import { Queue, QueueEvents } from "bullmq";
import type { BenchmarkClient } from "../../measure/benchmark-client.ts";
import { createPendingCalls } from "../../measure/pending-calls.ts";
import { queueName, type ProbeJob } from "./queue.ts";
import { toRedisOptions } from "./redis-options.ts";

/**
 * Adds a job for each call and takes its result from the queue's events. The ids are the client's own, so that a result is
 * awaited before its job is added: that spares the lookup that `job.waitUntilFinished` needs for each job.
 */
export async function connectBullmqClient(url: string): Promise<BenchmarkClient> {
  const connection = toRedisOptions(url);
  const queue = new Queue<ProbeJob, number[], "infer">(queueName, {
    connection,
    defaultJobOptions: { removeOnComplete: true, removeOnFail: true },
  });
  // From the oldest event on: the default is what comes after its first read, which may be later than the first result.
  const events = new QueueEvents(queueName, { connection, lastEventId: "0-0" });
  const idPrefix = `${Math.random().toString(36).slice(2)}-`;
  const pending = createPendingCalls();
  const callOf = (jobId: string): string => jobId.slice(idPrefix.length);

  events.on("completed", ({ jobId, returnvalue }) => {
    if (jobId.startsWith(idPrefix)) pending.resolve(callOf(jobId), toFloats(returnvalue));
  });
  events.on("failed", ({ jobId, failedReason }) => {
    if (jobId.startsWith(idPrefix)) pending.reject(callOf(jobId), new Error(failedReason));
  });
  await Promise.all([queue.waitUntilReady(), events.waitUntilReady()]);

  return {
    call: (input) =>
      pending.open((id) => {
        queue.add("infer", { input: Array.from(input) }, { jobId: idPrefix + id }).catch((error: unknown) => {
          pending.reject(id, new Error("the job was not added", { cause: error }));
        });
      }),
    async close() {
      await events.close();
      await queue.close();
    },
  };
}

/** What the worker returned, as its event brings it; no values if it is something else, which no check takes for an answer. */
function toFloats(returned: unknown): Float32Array {
  return Float32Array.from(Array.isArray(returned) ? returned : []);
}
