import { createRandom } from "@sluice/load-generator";
import type { EventLoop } from "./event-loop.ts";
import type { Load } from "./load.ts";
import type { SimulatedRequest } from "./request.ts";
import { startTraffic, type Sending, type Traffic } from "./traffic.ts";

export interface LoadsOptions {
  readonly loop: EventLoop;
  readonly loads: readonly Load[];
  /** When all loads end at the latest. */
  readonly untilMs: number;
  readonly seed: number;
  /** Called when requests reach the queue, with all that travel together. */
  readonly onArrived: (requests: readonly SimulatedRequest[]) => void;
}

/**
 * Starts loads, each with random numbers of its own: it keeps its requests, whatever the others do, as long as its place in
 * the list stays. Returns the traffic of each.
 */
export function startLoads({ loop, loads, untilMs, seed, onArrived }: LoadsOptions): readonly Traffic[] {
  let arrival = 0;

  const toRequest = (load: Load, index: number, sending: Sending): SimulatedRequest => {
    arrival += 1;
    return {
      tenant: load.tenant,
      model: load.model,
      items: 1,
      bytes: 1,
      deadlineMs: sending.sentMs + load.timeoutMs,
      arrival,
      maxBatchItems: Infinity,
      runsAlone: false,
      order: 0,
      priority: 0,
      chargedMs: 0,
      stay: "new",
      load: index,
      gateway: load.gateway,
      sentMs: sending.sentMs,
      arrivedMs: loop.nowMs,
      costFactor: sending.costFactor,
      length: sending.length,
    };
  };

  return loads.map((load, index) =>
    startTraffic(
      { ...load, untilMs: Math.min(load.untilMs, untilMs) },
      {
        loop,
        random: createRandom(seed, index),
        onSent: (sendings) => onArrived(sendings.map((sending) => toRequest(load, index, sending))),
      },
    ),
  );
}
