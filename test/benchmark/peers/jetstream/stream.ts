import { AckPolicy, DiscardPolicy, jetstreamManager, RetentionPolicy, StorageType } from "@nats-io/jetstream";
import type { NatsConnection } from "nats";

export const streamName = "INFER";
export const durableName = "workers";
export const inferSubject = "infer.overhead-probe";
/** Carries where the answer goes: the reply subject of a message to a stream is where the stream acknowledges it. */
export const answerToHeader = "Answer-To";
/** Requests delivered and not yet acknowledged; bounds what waits in the worker. */
const maxAckPending = 1024;
/** Bounds the stream; beyond it requests are refused. */
const maxStoredRequests = 100_000;

/** A work queue in memory with one durable pull consumer, from which each request is taken once. */
export async function createWorkQueue(connection: NatsConnection): Promise<void> {
  const manager = await jetstreamManager(connection);
  await manager.streams.add({
    name: streamName,
    subjects: [inferSubject],
    retention: RetentionPolicy.Workqueue,
    storage: StorageType.Memory,
    discard: DiscardPolicy.New,
    max_msgs: maxStoredRequests,
  });
  await manager.consumers.add(streamName, {
    durable_name: durableName,
    ack_policy: AckPolicy.Explicit,
    max_ack_pending: maxAckPending,
  });
}
