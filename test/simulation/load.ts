import type { Arrivals, GammaOptions } from "@sluice/load-generator";
import type { Lengths } from "./lengths.ts";

/** What one tenant asks of one model through one gateway. */
export interface Load {
  readonly tenant: string;
  readonly model: string;
  readonly gateway: string;
  /** From the gateway to the queue. */
  readonly entryDelayMs: number;
  readonly demand: Demand;
  /** Distribution of the cost factors of its requests. */
  readonly cost: GammaOptions;
  /** How long the rows of its requests are. */
  readonly lengths: Lengths;
  /** Time its callers allow from sending to the answer; Infinity = any. */
  readonly timeoutMs: number;
  readonly fromMs: number;
  /** When it ends; what is waiting then is still served. */
  readonly untilMs: number;
}

export type Demand =
  | Arrivals
  /** As many requests waiting at all times: one is sent for each that leaves the queue. */
  | { readonly kind: "backlog"; readonly waiting: number };

/** Builds a load of requests of cost and length 1 for model `m` through gateway `g1`, from the start to the end of the simulation. */
export function aLoad(fields: Partial<Load> & Pick<Load, "tenant" | "demand">): Load {
  return {
    model: "m",
    gateway: "g1",
    entryDelayMs: 0,
    cost: { mean: 1, cv: 0 },
    lengths: { kind: "equal", length: 1 },
    timeoutMs: Infinity,
    fromMs: 0,
    untilMs: Infinity,
    ...fields,
  };
}
