import type { Messaging } from "@sluice/messaging";
import type { Heartbeat } from "@sluice/protocol";
import { encodeHeartbeat, heartbeatIntervalMs, silenceMs, subjects } from "@sluice/protocol";
import type { Clock, Logger } from "@sluice/runtime";

export interface HeartbeatOptions {
  readonly pool: string;
  readonly worker: string;
  readonly messaging: Messaging;
  readonly clock: Clock;
  readonly log: Logger;
  /** What the worker says of itself, asked at every beat. */
  readonly current: () => Omit<Heartbeat, "worker">;
  /** Called after a beat that came so late that others have taken the worker for lost. */
  readonly onLate: () => void;
}

/** A worker's periodic sign of life. */
export interface HeartbeatSender extends Disposable {
  /** Beats at once, for a change that others must not wait for. */
  beat(): void;
}

/** Beats now and every 500 ms until disposed. */
export function startHeartbeat(options: HeartbeatOptions): HeartbeatSender {
  const { pool, worker, messaging, clock, log, current, onLate } = options;
  const subject = subjects.heartbeat(pool, worker);
  let lastBeatMs = clock.monotonicMs();
  let isWaiting = false;
  const publish = (): void => {
    try {
      messaging.publish(subject, encodeHeartbeat({ worker, ...current() }));
    } catch (error) {
      // The connection takes nothing now; the next beat is half a second away.
      log.warn("heartbeat not sent", { err: error });
    }
  };
  const beat = (): void => {
    const nowMs = clock.monotonicMs();
    const isLate = nowMs - lastBeatMs >= silenceMs;
    lastBeatMs = nowMs;
    // One waits for a connection that is lost, and says at once that this worker is back; more would be old news, all at the same time.
    if (messaging.isConnected || !isWaiting) publish();
    isWaiting = !messaging.isConnected;
    if (isLate) onLate();
  };
  beat();
  const timer = clock.every(heartbeatIntervalMs, beat);
  return { beat, [Symbol.dispose]: () => timer[Symbol.dispose]() };
}
