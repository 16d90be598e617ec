import { tenantClasses } from "@sluice/protocol";
import type { Metrics } from "@sluice/runtime";
import type { DispatcherEvent, OnDispatcherEvent } from "./event.ts";

/** Creates a listener that counts by class: what of each waits, runs and was received in a pool. */
export function createClassMetrics(metrics: Pick<Metrics, "counter" | "gauge">): OnDispatcherEvent {
  const labelNames = ["pool", "class"] as const;
  const queued = metrics.gauge({
    name: "sluice_dispatcher_class_queued_requests",
    help: "Requests of a class that wait.",
    labelNames,
  });
  const inFlight = metrics.gauge({
    name: "sluice_dispatcher_class_requests_in_flight",
    help: "Requests of a class with workers.",
    labelNames,
  });
  const received = metrics.counter({
    name: "sluice_dispatcher_class_received_seconds_total",
    help: "Worker time charged to the tenants of a class.",
    labelNames,
  });

  const sample = ({
    pool,
    classes,
  }: Pick<Extract<DispatcherEvent, { type: "poolSampled" }>, "pool" | "classes">): void => {
    for (const name of tenantClasses) {
      const found = classes.find((each) => each.class === name);
      queued.labels(pool, name).set(found?.waitingCount ?? 0);
      inFlight.labels(pool, name).set(found?.inFlightCount ?? 0);
      received.labels(pool, name).inc((found?.receivedMs ?? 0) / 1000);
    }
  };

  return (event) => {
    if (event.type === "poolSampled") sample(event);
    else if (event.type === "poolLost") sample({ pool: event.pool, classes: [] });
  };
}
