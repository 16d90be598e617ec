import { createMetrics, type Metrics } from "@sluice/runtime";
import { describe, expect, test } from "vitest";
import type { DispatcherEvent, TenantSample } from "./event.ts";
import { createTenantMetrics } from "./tenant-metrics.ts";

const quiet = { waitingCount: 0, oldestMs: 0, inFlightCount: 0, receivedMs: 0, share: 0 };

function aTenant(tenant: string, fields: Partial<TenantSample> = {}): TenantSample {
  return { ...quiet, tenant, fairShare: 0, lagMs: 0, ...fields };
}

function aSample(tenants: readonly TenantSample[], others: Partial<TenantSample> = {}): DispatcherEvent {
  return { type: "tenantsSampled", pool: "gpu", tenants, others: { ...quiet, ...others } };
}

function aRefusal(tenant: string): DispatcherEvent {
  return {
    type: "requestsRefused",
    pool: "gpu",
    model: "m",
    tenant,
    code: "unavailable",
    limit: "",
    of: "",
    count: 1,
  };
}

/** The value of a metric of one tenant; `undefined` where there is no such series. */
async function valueOf(metrics: Metrics, name: string, tenant: string): Promise<number | undefined> {
  const lines = (await metrics.text()).split("\n");
  const line = lines.find(
    (each) => each.startsWith(`sluice_dispatcher_tenant_${name}{`) && each.includes(`tenant="${tenant}"`),
  );
  return line === undefined ? undefined : Number(line.split(" ").at(-1));
}

describe("createTenantMetrics()", () => {
  test("has the tenants of the last sample, and all others as one", async () => {
    using metrics = createMetrics({ service: "dispatcher" });
    const onEvent = createTenantMetrics(metrics);
    const acme = { waitingCount: 4, oldestMs: 1500, inFlightCount: 2, receivedMs: 250 };
    onEvent(
      aSample([aTenant("acme", { ...acme, share: 0.6, fairShare: 0.5, lagMs: -20 })], {
        waitingCount: 7,
        receivedMs: 100,
      }),
    );
    onEvent(aSample([aTenant("acme", { ...acme, waitingCount: 3 })], { receivedMs: 50 }));
    expect(await valueOf(metrics, "queued_requests", "acme")).toBe(3);
    expect(await valueOf(metrics, "oldest_request_seconds", "acme")).toBe(1.5);
    expect(await valueOf(metrics, "requests_in_flight", "acme")).toBe(2);
    expect(await valueOf(metrics, "received_seconds_total", "acme")).toBe(0.5);
    expect(await valueOf(metrics, "received_seconds_total", "(other)")).toBeCloseTo(0.15);
    expect(await valueOf(metrics, "queued_requests", "(other)")).toBe(0);
    expect(await valueOf(metrics, "lag_seconds", "acme")).toBe(0);
    expect(await valueOf(metrics, "fair_share", "(other)")).toBeUndefined();
  });

  test("drops the series of a tenant that is no longer among them", async () => {
    using metrics = createMetrics({ service: "dispatcher" });
    const onEvent = createTenantMetrics(metrics);
    onEvent(aSample([aTenant("acme"), aTenant("beta")]));
    onEvent(aRefusal("acme"));
    onEvent(aSample([aTenant("beta")]));
    expect(await metrics.text()).not.toContain("acme");
    expect(await valueOf(metrics, "share", "beta")).toBe(0);
  });

  test("counts refusals of tenants without labels for all others", async () => {
    using metrics = createMetrics({ service: "dispatcher" });
    const onEvent = createTenantMetrics(metrics);
    onEvent(aSample([aTenant("acme")]));
    for (const tenant of ["acme", "x1", "x2", "x3"]) onEvent(aRefusal(tenant));
    expect(await valueOf(metrics, "refusals_total", "acme")).toBe(1);
    expect(await valueOf(metrics, "refusals_total", "(other)")).toBe(3);
    expect(await metrics.text()).not.toContain("x1");
  });

  test("drops everything of a pool that is lost", async () => {
    using metrics = createMetrics({ service: "dispatcher" });
    const onEvent = createTenantMetrics(metrics);
    onEvent(aSample([aTenant("acme")], { waitingCount: 1 }));
    onEvent(aRefusal("nobody"));
    onEvent({ type: "poolLost", pool: "gpu", epoch: 1, reason: "released" });
    expect(await metrics.text()).not.toContain('pool="gpu"');
  });
});
