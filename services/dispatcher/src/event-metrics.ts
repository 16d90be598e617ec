import type { Metrics } from "@sluice/runtime";
import type { DispatcherEvent, OnDispatcherEvent } from "./event.ts";

/** Upper bounds of the batch size histogram: powers of two, as batches are bucketed. */
const batchSizeBuckets = [1, 2, 4, 8, 16, 32, 64, 128, 256];

type Registry = Pick<Metrics, "counter" | "gauge" | "histogram">;

/** Creates a listener that counts. */
export function createEventMetrics(metrics: Registry): OnDispatcherEvent {
  const requests = createRequestMetrics(metrics);
  const pools = createPoolMetrics(metrics);
  return (event) => {
    requests(event);
    pools(event);
  };
}

function createRequestMetrics(metrics: Registry): OnDispatcherEvent {
  const admitted = metrics.counter({
    name: "sluice_dispatcher_requests_total",
    help: "Requests let into the queue.",
    labelNames: ["pool", "model"],
  });
  const refused = metrics.counter({
    name: "sluice_dispatcher_refusals_total",
    help: "Requests answered by the dispatcher with an error; limit is the one they exceeded, of says whose.",
    labelNames: ["pool", "model", "code", "limit", "of"],
  });
  const requeued = metrics.counter({
    name: "sluice_dispatcher_requeued_requests_total",
    help: "Requests that wait again after they were given to a worker.",
    labelNames: ["pool", "reason"],
  });
  const dropped = metrics.counter({
    name: "sluice_dispatcher_dropped_requests_total",
    help: "Requests that waited and could not be answered in time, by cause.",
    labelNames: ["pool", "model", "cause"],
  });
  const deadLettered = metrics.counter({
    name: "sluice_dispatcher_dead_letters_total",
    help: "Requests given up after too many attempts.",
    labelNames: ["pool", "model"],
  });
  const duplicates = metrics.counter({
    name: "sluice_dispatcher_duplicate_requests_total",
    help: "Requests dropped because they are open already.",
    labelNames: ["pool"],
  });
  const badReplies = metrics.counter({
    name: "sluice_dispatcher_bad_reply_subjects_total",
    help: "Messages dropped because their reply subject is not the caller's.",
  });
  const malformed = metrics.counter({
    name: "sluice_dispatcher_malformed_messages_total",
    help: "Messages dropped because they could not be read.",
  });
  const unreadable = metrics.counter({
    name: "sluice_dispatcher_bad_tenant_records_total",
    help: "Tenant records that could not be read.",
  });
  return (event) => {
    if (event.type === "requestsAdmitted") admitted.labels(event.pool, event.model).inc(event.count);
    else if (event.type === "requestsRefused")
      refused.labels(event.pool, event.model, event.code, event.limit, event.of).inc(event.count);
    else if (event.type === "requestsDropped")
      dropped.labels(event.pool, event.model, event.cause).inc(event.count);
    else if (event.type === "requestsRequeued") requeued.labels(event.pool, event.reason).inc(event.count);
    else if (event.type === "requestDeadLettered") deadLettered.labels(event.pool, event.model).inc();
    else if (event.type === "duplicateDropped") duplicates.labels(event.pool).inc();
    else if (event.type === "replySubjectRefused") badReplies.inc();
    else if (event.type === "malformedMessage") malformed.inc();
    else if (event.type === "tenantRecordUnreadable") unreadable.inc();
  };
}

function createPoolMetrics(metrics: Registry): OnDispatcherEvent {
  const labelNames = ["pool"] as const;
  const gauge = (name: string, help: string) => metrics.gauge({ name, help, labelNames });
  const queued = gauge("sluice_dispatcher_queued_requests", "Requests that wait.");
  const queuedBytes = gauge("sluice_dispatcher_queued_bytes", "Bytes of the requests that wait.");
  const oldest = gauge("sluice_dispatcher_oldest_request_seconds", "Age of the oldest request that waits.");
  const inFlight = gauge("sluice_dispatcher_batches_in_flight", "Batches with workers.");
  const credits = gauge("sluice_dispatcher_waiting_credits", "Credits that wait for a batch.");
  const epoch = gauge("sluice_dispatcher_pool_epoch", "Epoch of an owned pool, 0 once it is lost.");
  const owned = metrics.counter({
    name: "sluice_dispatcher_pools_owned_total",
    help: "Pools this dispatcher came to own, by how.",
    labelNames: ["pool", "state"],
  });
  const batches = metrics.counter({
    name: "sluice_dispatcher_batches_total",
    help: "Batches sent to workers.",
    labelNames: ["pool", "model"],
  });
  const time = metrics.counter({
    name: "sluice_dispatcher_worker_seconds_total",
    help: "Time that workers reported for batches.",
    labelNames: ["pool", "model"],
  });
  const uselessTime = metrics.counter({
    name: "sluice_dispatcher_useless_worker_seconds_total",
    help: "What of it was for requests that had expired or were cancelled when they had run.",
    labelNames: ["pool", "model"],
  });
  const batchSize = metrics.histogram({
    name: "sluice_dispatcher_batch_items",
    help: "Items of a batch, by why it has no more.",
    labelNames: ["pool", "model", "reason"],
    buckets: batchSizeBuckets,
  });
  const gauges = [queued, queuedBytes, oldest, inFlight, credits, epoch];

  const sample = (event: Extract<DispatcherEvent, { type: "poolSampled" }>): void => {
    const { pool } = event;
    queued.labels(pool).set(event.queuedCount);
    queuedBytes.labels(pool).set(event.queuedBytes);
    oldest.labels(pool).set(event.oldestMs / 1000);
    inFlight.labels(pool).set(event.batchCount);
    credits.labels(pool).set(event.creditCount);
    epoch.labels(pool).set(event.epoch);
  };

  return (event) => {
    if (event.type === "poolSampled") sample(event);
    else if (event.type === "poolOwned") owned.labels(event.pool, event.state).inc();
    else if (event.type === "poolLost") for (const each of gauges) each.labels(event.pool).set(0);
    else if (event.type === "batchDone") {
      time.labels(event.pool, event.model).inc(event.costMs / 1000);
      uselessTime.labels(event.pool, event.model).inc(event.uselessMs / 1000);
    } else if (event.type === "batchSent") {
      batches.labels(event.pool, event.model).inc();
      batchSize.labels(event.pool, event.model, event.reason).observe(event.items);
    }
  };
}
