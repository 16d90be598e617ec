import { createMetrics } from "@sluice/runtime";
import { expect, test } from "vitest";
import { createQuotaMetrics } from "./quota-metrics.ts";

test("createQuotaMetrics() sums up what tenants, and groups, have leased", async () => {
  using metrics = createMetrics({ service: "dispatcher" });
  const onEvent = createQuotaMetrics(metrics);
  const sample = { type: "quotasSampled", of: "group", walletCount: 2, heldMs: 500, owedMs: 20 } as const;
  onEvent({ ...sample, leasedMs: 750 });
  onEvent({ ...sample, heldMs: 250, leasedMs: 250 });
  const text = await metrics.text();
  expect(text).toMatch(/^sluice_dispatcher_wallets\{.*of="group".*\} 2$/m);
  expect(text).toMatch(/^sluice_dispatcher_wallet_held_seconds\{.*of="group".*\} 0\.25$/m);
  expect(text).toMatch(/^sluice_dispatcher_wallet_owed_seconds\{.*of="group".*\} 0\.02$/m);
  expect(text).toMatch(/^sluice_dispatcher_leased_seconds_total\{.*of="group".*\} 1$/m);
  expect(text).not.toContain('of="tenant"');
});
