import type { Messaging } from "@sluice/messaging";
import { decodePoolEvent, subjects, type PoolEvent } from "@sluice/protocol";

/** What owners announce to everybody, as a bystander hears it. */
export interface PoolEvents {
  /** Resolves with the first event, last heard or coming, that `isWanted` accepts; of any pool. */
  next(isWanted: (event: PoolEvent) => boolean): Promise<PoolEvent>;
}

export function listenToPools(messaging: Messaging): PoolEvents {
  const latest = new Map<string, PoolEvent>();
  const watchers = new Set<(event: PoolEvent) => void>();
  messaging.subscribe(subjects.poolEventAll(), ({ payload }) => {
    const event = decodePoolEvent(payload);
    latest.set(event.pool, event);
    for (const watcher of watchers) watcher(event);
  });
  return {
    next(isWanted) {
      const heard = [...latest.values()].find(isWanted);
      if (heard !== undefined) return Promise.resolve(heard);
      return new Promise((resolve) => {
        const watcher = (event: PoolEvent): void => {
          if (!isWanted(event)) return;
          watchers.delete(watcher);
          resolve(event);
        };
        watchers.add(watcher);
      });
    },
  };
}
