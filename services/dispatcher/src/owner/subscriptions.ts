import type { Message, Messaging, Subscription } from "@sluice/messaging";
import { queueGroups, subjects } from "@sluice/protocol";

/** What the owner of a pool subscribes. */
export interface PoolSubscriptions {
  /** Subscribes the credits of the pool, and the requests and cancels of `models`; what is subscribed already stays. */
  open(models: Iterable<string>): void;
  /** Stops requests at the server, so that new ones find nobody here; credits and cancels go on. Resolves once those on their way were taken. */
  drainRequests(): Promise<void>;
  /** Stops everything in the same way. */
  drain(): Promise<void>;
  /** Stops everything at once; what is on its way is dropped. */
  close(): void;
}

export interface PoolSubscriptionsOptions {
  readonly pool: string;
  readonly messaging: Messaging;
  /** @param model - the same string each time: V8 compares names that are one object at once, and others letter by letter. */
  readonly onRequests: (model: string, message: Message) => void;
  readonly onControl: (message: Message) => void;
  readonly onCredit: (message: Message) => void;
}

const options = { queue: queueGroups.owner } as const;

export function createPoolSubscriptions(deps: PoolSubscriptionsOptions): PoolSubscriptions {
  const { pool, messaging } = deps;
  const requests = new Map<string, Subscription>();
  const controls = new Map<string, Subscription>();
  let credits: Subscription | undefined;
  let takesRequests = true;

  const takeAll = (): Subscription[] => {
    const all = [...requests.values(), ...controls.values()];
    if (credits !== undefined) all.push(credits);
    requests.clear();
    controls.clear();
    credits = undefined;
    return all;
  };

  return {
    open: (models) => {
      credits ??= messaging.subscribe(subjects.credit(pool), deps.onCredit, options);
      for (const model of models) {
        if (!controls.has(model)) {
          controls.set(model, messaging.subscribe(subjects.cancelAll(model), deps.onControl, options));
        }
        if (takesRequests && !requests.has(model)) {
          const take = (message: Message): void => deps.onRequests(model, message);
          requests.set(model, messaging.subscribe(subjects.inferAll(model), take, options));
        }
      }
    },
    drainRequests: async () => {
      takesRequests = false;
      const draining = [...requests.values()];
      requests.clear();
      await Promise.all(draining.map((subscription) => subscription.drain()));
    },
    drain: async () => {
      await Promise.all(takeAll().map((subscription) => subscription.drain()));
    },
    close: () => {
      for (const subscription of takeAll()) subscription.unsubscribe();
    },
  };
}
