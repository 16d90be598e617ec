import type { Messaging } from "@sluice/messaging";
import type { PoolEvent } from "@sluice/protocol";
import { decodePoolEvent, subjects } from "@sluice/protocol";

/** What a worker knows of its pool's owner. */
export interface PoolWatch extends Disposable {
  /** The newest epoch heard of; 0 = none yet. */
  readonly epoch: number;
}

export interface PoolWatchOptions {
  readonly pool: string;
  readonly messaging: Messaging;
  /** Called with each newer epoch. */
  readonly onEpoch: (epoch: number) => void;
  /** Called with every event of the epoch, after `onEpoch`. */
  readonly onEvent: (event: PoolEvent) => void;
}

/** Follows `event.pool.<pool>`. Events of an older epoch are ignored: they come from an owner that was replaced. */
export function watchPool({ pool, messaging, onEpoch, onEvent }: PoolWatchOptions): PoolWatch {
  let epoch = 0;
  const subscription = messaging.subscribe(subjects.poolEvent(pool), (message) => {
    const event = decodePoolEvent(message.payload);
    if (event.epoch < epoch) return;
    if (event.epoch > epoch) {
      ({ epoch } = event);
      onEpoch(epoch);
    }
    onEvent(event);
  });
  return {
    get epoch() {
      return epoch;
    },
    [Symbol.dispose]: () => subscription.unsubscribe(),
  };
}
