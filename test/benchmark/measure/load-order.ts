import type { LoadRecord } from "@sluice/load-generator";

/** How a window is loaded. */
export type LoadShape =
  | { readonly kind: "closed"; readonly outstandingPerConnection: number }
  /** Poisson. */
  | { readonly kind: "open"; readonly ratePerSecond: number };

/** What a load process is told for one window. */
export interface LoadOrder {
  readonly shape: LoadShape;
  readonly windowMs: number;
}

/** What it tells back. */
export interface LoadReport {
  readonly record: LoadRecord;
  /** Where the time of a call went, in the mean; only of arms that tell. */
  readonly stagesMs?: StageTimes;
}

/** Means of some calls of a window; they add up to the mean latency. */
export interface StageTimes {
  /** From the call until its batch left the owner: the client, the way to the owner, the queue. */
  readonly queue: number;
  /** In the worker until the engine was given it. */
  readonly batch: number;
  /** To the engine thread and back. */
  readonly transfer: number;
  readonly engine: number;
  /** The rest: from the owner to the worker, and by the results service back to the caller. */
  readonly return: number;
}
