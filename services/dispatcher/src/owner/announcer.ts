import type { Messaging } from "@sluice/messaging";
import {
  encodePoolEvent,
  heartbeatIntervalMs,
  poolEventIntervalMs,
  subjects,
  type PoolEvent,
} from "@sluice/protocol";
import type { Clock } from "@sluice/runtime";
import type { OnDispatcherEvent } from "../event.ts";

/** Tells SDKs and workers who owns a pool and what it serves. */
export interface Announcer {
  /** Publishes after the read that goes on. */
  soon(): void;
  /** Publishes now: what there is to say, or `event`. */
  now(event?: PoolEvent): void;
  /** Publishes if the last time is a second ago. Tells whether it did. */
  tick(nowMs: number): boolean;
}

export interface AnnouncerOptions {
  readonly pool: string;
  readonly messaging: Messaging;
  readonly clock: Clock;
  readonly onEvent: OnDispatcherEvent;
  /** What to say; `undefined` while there is nothing to say. */
  readonly event: () => PoolEvent | undefined;
}

export function createAnnouncer({ pool, messaging, clock, onEvent, event }: AnnouncerOptions): Announcer {
  const subject = subjects.poolEvent(pool);
  let isDue = false;
  let publishedAtMs = -Infinity;
  let isWaiting = false;

  const now = (special?: PoolEvent): void => {
    isDue = false;
    const content = special ?? event();
    if (content === undefined) return;
    publishedAtMs = clock.monotonicMs();
    // One waits for a connection that is lost; more would be old news, all at the same time.
    const hasWaiting = isWaiting && !messaging.isConnected;
    isWaiting = !messaging.isConnected;
    if (hasWaiting && special === undefined) return;
    try {
      messaging.publish(subject, encodePoolEvent(content));
    } catch (error) {
      onEvent({ type: "announcementFailed", pool, error });
    }
  };

  return {
    now,
    soon: () => {
      if (isDue) return;
      isDue = true;
      clock.afterRead(() => now());
    },
    tick: (nowMs) => {
      // Ticks come every heartbeat: half of one keeps the interval from slipping to the next.
      if (nowMs - publishedAtMs < poolEventIntervalMs - heartbeatIntervalMs / 2) return false;
      now();
      return true;
    },
  };
}
