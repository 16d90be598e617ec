export type { Lateness, TurnForecast } from "./admission/turn-forecast.ts";
export { createTurnForecast } from "./admission/turn-forecast.ts";
export { attributeCost } from "./attribution.ts";
export type { BatchTimer } from "./batch-timer.ts";
export { createBatchTimer } from "./batch-timer.ts";
export type { FairQueue } from "./fair/fair-queue.ts";
export { createFairQueue } from "./fair/fair-queue.ts";
export type { Outlook } from "./fair/outlook.ts";
export type { QueueBound, QueueExcess } from "./fair/queue-bound.ts";
export { createQueueBound } from "./fair/queue-bound.ts";
export type { VirtualTime } from "./fair/shares.ts";
export type { QueueLoad } from "./fair/tenant-load.ts";
export type { TenantShare } from "./fair/tenant-share.ts";
export type { Heap } from "./heap.ts";
export { createHeap } from "./heap.ts";
export type { HeartbeatWatch } from "./heartbeat-watch.ts";
export { createHeartbeatWatch } from "./heartbeat-watch.ts";
export { calibrateCurve } from "./latency/calibrate-curve.ts";
export type { RunSample } from "./latency/fit-curve.ts";
export type { LatencyCurve, RunShape } from "./latency/latency-curve.ts";
export { curveMs } from "./latency/latency-curve.ts";
export type { LatencyModel } from "./latency/latency-model.ts";
export { createLatencyModel } from "./latency/latency-model.ts";
export type { LatencyProfile } from "./latency/latency-profile.ts";
export { boundMs } from "./latency/latency-profile.ts";
export type { Probe } from "./latency/probe.ts";
export { createProbe } from "./latency/probe.ts";
export type { LeaseClock } from "./lease-clock.ts";
export { createLeaseClock } from "./lease-clock.ts";
export { decideLease } from "./lease-decision.ts";
export type {
  BatchAsk,
  BatchReason,
  BatchScheduler,
  BatchSchedulerOptions,
  PlannedBatch,
} from "./plan/batch-scheduler.ts";
export { createBatchScheduler } from "./plan/batch-scheduler.ts";
export { groupByLength } from "./plan/length-groups.ts";
export { paddedLength } from "./plan/padded-length.ts";
export type { BudgetReserve, BudgetWrite } from "./quota/budget-reserve.ts";
export type { HomeAccount, Moment } from "./quota/home-account.ts";
export { createHomeAccount } from "./quota/home-account.ts";
export type { Quota } from "./quota/quota.ts";
export { hasBudget, toQuota } from "./quota/quota.ts";
export type { Wallet, WalletShortage } from "./quota/wallet.ts";
export { createWallet } from "./quota/wallet.ts";
export { rendezvousWinner } from "./rendezvous.ts";
export type { BatchLimits, QueueEntry, RequestQueue } from "./request-queue.ts";
export type { GroupPolicy, SharePolicies, TenantPolicy } from "./share-policy.ts";
export type { Succession } from "./succession.ts";
export { createSuccession } from "./succession.ts";
