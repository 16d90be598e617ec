import { codes } from "@sluice/protocol";
import type { Metrics } from "@sluice/runtime";
import type { DispatcherEvent, OnDispatcherEvent, TenantSample } from "./event.ts";

/** The label of all tenants that have none of their own; no tenant can be called so, because it is no token. */
const otherTenants = "(other)";

/**
 * Creates a listener that counts by tenant. Only the tenants of the last sample of a pool have labels, which are few; a tenant
 * that is no longer among them loses its series, and what it does counts for all others until it is again.
 */
export function createTenantMetrics(metrics: Pick<Metrics, "counter" | "gauge">): OnDispatcherEvent {
  const labelNames = ["pool", "tenant"] as const;
  const gauge = (name: string, help: string) => metrics.gauge({ name, help, labelNames });
  const queued = gauge("sluice_dispatcher_tenant_queued_requests", "Requests of a tenant that wait.");
  const oldest = gauge(
    "sluice_dispatcher_tenant_oldest_request_seconds",
    "Age of the oldest request of a tenant that waits.",
  );
  const inFlight = gauge("sluice_dispatcher_tenant_requests_in_flight", "Requests of a tenant with workers.");
  const share = gauge(
    "sluice_dispatcher_tenant_share",
    "Part of what the pool gave in the last ten seconds that a tenant received.",
  );
  const fairShare = gauge(
    "sluice_dispatcher_tenant_fair_share",
    "Part of the pool that class and weights give a tenant among those that have work.",
  );
  const lag = gauge(
    "sluice_dispatcher_tenant_lag_seconds",
    "Worker time that a tenant received less than its weight gives it in its class.",
  );
  const received = metrics.counter({
    name: "sluice_dispatcher_tenant_received_seconds_total",
    help: "Worker time charged to a tenant.",
    labelNames,
  });
  const refused = metrics.counter({
    name: "sluice_dispatcher_tenant_refusals_total",
    help: "Requests of a tenant that the dispatcher answered with an error.",
    labelNames: [...labelNames, "code"],
  });
  const series = [queued, oldest, inFlight, share, fairShare, lag, received];
  /** Pool -> tenants that have labels. */
  const labelled = new Map<string, ReadonlySet<string>>();

  const remove = (pool: string, tenant: string): void => {
    for (const each of series) each.remove(pool, tenant);
    for (const code of codes) refused.remove(pool, tenant, code);
  };

  const set = (
    pool: string,
    tenant: string,
    sample: Omit<TenantSample, "tenant" | "fairShare" | "lagMs">,
  ): void => {
    queued.labels(pool, tenant).set(sample.waitingCount);
    oldest.labels(pool, tenant).set(sample.oldestMs / 1000);
    inFlight.labels(pool, tenant).set(sample.inFlightCount);
    share.labels(pool, tenant).set(sample.share);
    received.labels(pool, tenant).inc(sample.receivedMs / 1000);
  };

  const sample = ({ pool, tenants, others }: Extract<DispatcherEvent, { type: "tenantsSampled" }>): void => {
    const names = new Set(tenants.map(({ tenant }) => tenant));
    for (const tenant of labelled.get(pool) ?? []) if (!names.has(tenant)) remove(pool, tenant);
    labelled.set(pool, names);
    for (const each of tenants) {
      set(pool, each.tenant, each);
      fairShare.labels(pool, each.tenant).set(each.fairShare);
      lag.labels(pool, each.tenant).set(each.lagMs / 1000);
    }
    set(pool, otherTenants, others);
  };

  return (event) => {
    if (event.type === "tenantsSampled") {
      sample(event);
    } else if (event.type === "requestsRefused") {
      const { pool, tenant, code, count } = event;
      const label = labelled.get(pool)?.has(tenant) === true ? tenant : otherTenants;
      refused.labels(pool, label, code).inc(count);
    } else if (event.type === "poolLost") {
      for (const tenant of labelled.get(event.pool) ?? []) remove(event.pool, tenant);
      remove(event.pool, otherTenants);
      labelled.delete(event.pool);
    }
  };
}
