import type { Message, Messaging, Subscription } from "@sluice/messaging";
import { decodeHeartbeat, decodeWorkerProfile, parseSubject, silenceMs, subjects } from "@sluice/protocol";
import type { Clock } from "@sluice/runtime";
import { createHeartbeatWatch } from "@sluice/scheduling";
import type { OnDispatcherEvent } from "../event.ts";
import type { PoolRoster } from "./pool-roster.ts";
import { createPoolRoster } from "./pool-roster.ts";

/** Listens to the workers of all pools. */
export interface WorkerDirectory {
  /** The roster of a pool, an empty one for a pool nobody was heard of. */
  roster(pool: string): PoolRoster;
  /** Every pool a worker of which was heard, or that was asked for. */
  pools(): Iterable<string>;
  /** Whether workers of another pool that take work have the model. */
  isServedElsewhere(pool: string, model: string): boolean;
  start(): void;
  /** Drops workers that had fallen silent when everything was heard that was said; called a few times a second. */
  sweep(heardUntilMs: number): void;
  stop(): void;
}

export interface WorkerDirectoryOptions {
  readonly messaging: Messaging;
  readonly clock: Clock;
  readonly onEvent: OnDispatcherEvent;
}

export function createWorkerDirectory({
  messaging,
  clock,
  onEvent,
}: WorkerDirectoryOptions): WorkerDirectory {
  const rosters = new Map<string, PoolRoster>();
  const watch = createHeartbeatWatch({ silenceMs, gapMs: silenceMs / 2 });
  /** Living workers: key of the watch -> where it stands. */
  const seen = new Map<string, { readonly pool: string; readonly worker: string }>();
  const subscriptions: Subscription[] = [];
  let heardCount = 0;

  const roster = (pool: string): PoolRoster => {
    let known = rosters.get(pool);
    if (known === undefined) {
      known = createPoolRoster({ pool, onEvent });
      rosters.set(pool, known);
    }
    return known;
  };

  const heard = (pool: string, worker: string): PoolRoster => {
    const key = `${pool} ${worker}`;
    heardCount += 1;
    watch.beat(key, heardCount, clock.monotonicMs());
    if (!seen.has(key)) seen.set(key, { pool, worker });
    return roster(pool);
  };

  /** Reads one message of a worker; one that is not what its subject says is told and dropped. */
  const read = (message: Message, apply: (pool: string, worker: string) => void): void => {
    const subject = parseSubject(message.subject);
    if (subject?.kind !== "heartbeat" && subject?.kind !== "profile") return;
    try {
      apply(subject.pool, subject.worker);
    } catch (error) {
      onEvent({ type: "malformedMessage", subject: message.subject, error });
    }
  };

  const onHeartbeat = (message: Message): void =>
    read(message, (pool, worker) => {
      const heartbeat = decodeHeartbeat(message.payload);
      heard(pool, worker).heartbeat({ ...heartbeat, worker });
    });

  const onProfile = (message: Message): void =>
    read(message, (pool, worker) => {
      const profile = decodeWorkerProfile(message.payload);
      heard(pool, worker).profile({ ...profile, worker });
    });

  return {
    roster,
    pools: () => rosters.keys(),
    isServedElsewhere: (pool, model) => {
      for (const other of rosters.values())
        if (other.pool !== pool && other.workerCount(model) > 0) return true;
      return false;
    },
    start: () => {
      subscriptions.push(
        messaging.subscribe(subjects.heartbeatAll(), onHeartbeat),
        messaging.subscribe(subjects.profileAll(), onProfile),
      );
    },
    sweep: (heardUntilMs) => {
      if (!messaging.isConnected) return;
      watch.watching(clock.monotonicMs());
      for (const [key, { pool, worker }] of seen) {
        if (watch.isAlive(key, heardUntilMs)) continue;
        seen.delete(key);
        watch.forget(key);
        roster(pool).lose(worker);
      }
    },
    stop: () => {
      for (const subscription of subscriptions.splice(0)) subscription.unsubscribe();
    },
  };
}
