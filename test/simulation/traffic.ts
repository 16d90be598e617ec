import { type Arrivals, createGaps, drawGamma } from "@sluice/load-generator";
import type { Random } from "@sluice/runtime";
import type { EventLoop } from "./event-loop.ts";
import { drawLength } from "./lengths.ts";
import type { Load } from "./load.ts";

/** What traffic decides of a request; the pool adds its place. */
export interface Sending {
  readonly sentMs: number;
  readonly costFactor: number;
  readonly length: number;
}

/** Sends the requests of one load. */
export interface Traffic {
  /** Makes up for requests that left the queue. Only a backlog does. */
  replace(count: number): void;
}

export interface TrafficOptions {
  readonly loop: EventLoop;
  readonly random: Random;
  /** Called when the requests reach the queue, with all that travel together. */
  readonly onSent: (sendings: readonly Sending[]) => void;
}

/** Starts a load. It sends nothing at or after `load.untilMs`, which must be finite. */
export function startTraffic(load: Load, { loop, random, onSent }: TrafficOptions): Traffic {
  const send = (count: number): void => {
    if (loop.nowMs >= load.untilMs) return;
    const sendings = Array.from({ length: count }, () => ({
      sentMs: loop.nowMs,
      costFactor: drawGamma(load.cost, random),
      length: drawLength(load.lengths, random),
    }));
    if (load.entryDelayMs === 0) onSent(sendings);
    else loop.at(loop.nowMs + load.entryDelayMs, () => onSent(sendings));
  };

  const sendAt = (timeMs: number, nextGap: () => number): void => {
    if (timeMs >= load.untilMs) return;
    loop.at(timeMs, () => {
      send(1);
      sendAt(timeMs + nextGap(), nextGap);
    });
  };

  const sendAll = (arrivals: Arrivals): Traffic => {
    const nextGap = createGaps(arrivals, random);
    sendAt(load.fromMs + nextGap(), nextGap);
    return { replace: () => undefined };
  };

  const keepWaiting = (waiting: number): Traffic => {
    loop.at(load.fromMs, () => send(waiting));
    return { replace: (count) => loop.at(loop.nowMs, () => send(count)) };
  };

  return load.demand.kind === "backlog" ? keepWaiting(load.demand.waiting) : sendAll(load.demand);
}
