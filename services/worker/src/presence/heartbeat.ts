import type { Messaging } from "@sluice/messaging";
import type { Heartbeat } from "@sluice/protocol";
import { encodeHeartbeat, heartbeatIntervalMs, subjects } from "@sluice/protocol";
import type { Clock, Logger } from "@sluice/runtime";

export interface HeartbeatOptions {
  readonly pool: string;
  readonly worker: string;
  readonly messaging: Messaging;
  readonly clock: Clock;
  readonly log: Logger;
  /** What the worker says of itself, asked at every beat. */
  readonly current: () => Omit<Heartbeat, "worker">;
}

/** A worker's periodic sign of life. */
export interface HeartbeatSender extends Disposable {
  /** Beats at once, for a change that others must not wait for. */
  beat(): void;
}

/** Beats now and every 500 ms until disposed. */
export function startHeartbeat(options: HeartbeatOptions): HeartbeatSender {
  const { pool, worker, messaging, clock, log, current } = options;
  const subject = subjects.heartbeat(pool, worker);
  const beat = (): void => {
    try {
      messaging.publish(subject, encodeHeartbeat({ worker, ...current() }));
    } catch (error) {
      // The connection takes nothing now; the next beat is half a second away.
      log.warn("heartbeat not sent", { err: error });
    }
  };
  beat();
  const timer = clock.every(heartbeatIntervalMs, beat);
  return { beat, [Symbol.dispose]: () => timer[Symbol.dispose]() };
}
