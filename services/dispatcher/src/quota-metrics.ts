import type { Metrics } from "@sluice/runtime";
import type { OnDispatcherEvent } from "./event.ts";

/** Creates a listener that counts what is leased of quotas: of all tenants together, and of all groups. */
export function createQuotaMetrics(metrics: Pick<Metrics, "counter" | "gauge">): OnDispatcherEvent {
  const labelNames = ["of"] as const;
  const wallets = metrics.gauge({
    name: "sluice_dispatcher_wallets",
    help: "Tenants and groups with a quota of which this dispatcher has leased or owes something.",
    labelNames,
  });
  const held = metrics.gauge({
    name: "sluice_dispatcher_wallet_held_seconds",
    help: "Worker time that is leased from homes and not spent yet.",
    labelNames,
  });
  const owed = metrics.gauge({
    name: "sluice_dispatcher_wallet_owed_seconds",
    help: "Worker time that was spent beyond what was leased.",
    labelNames,
  });
  const leased = metrics.counter({
    name: "sluice_dispatcher_leased_seconds_total",
    help: "Worker time that this dispatcher leased as a home, what was given back included.",
    labelNames,
  });
  return (event) => {
    if (event.type !== "quotasSampled") return;
    const { of } = event;
    wallets.labels(of).set(event.walletCount);
    held.labels(of).set(event.heldMs / 1000);
    owed.labels(of).set(event.owedMs / 1000);
    leased.labels(of).inc(event.leasedMs / 1000);
  };
}
