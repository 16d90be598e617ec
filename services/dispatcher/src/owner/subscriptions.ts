import type { Message, Messaging, Subscription } from "@sluice/messaging";
import { subjects } from "@sluice/protocol";

/** What the owner of a pool subscribes. */
export interface PoolSubscriptions {
  /** The queue group in which it does. */
  readonly queueGroup: string;
  /** Subscribes the credits of the pool, and the requests and cancels of `models`, and leaves those of other models; what is subscribed already stays. */
  open(models: Iterable<string>): void;
  /**
   * Subscribes the same in another queue group, then leaves the one before: what comes in between may come twice, but never to
   * nobody. Resolves once what was on its way there was taken.
   */
  join(queueGroup: string): Promise<void>;
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
  readonly queueGroup: string;
  /** @param model - the same string each time: V8 compares names that are one object at once, and others letter by letter. */
  readonly onRequests: (model: string, message: Message) => void;
  readonly onControl: (message: Message) => void;
  readonly onCredit: (message: Message) => void;
}

export function createPoolSubscriptions(deps: PoolSubscriptionsOptions): PoolSubscriptions {
  const { pool, messaging } = deps;
  const requests = new Map<string, Subscription>();
  const controls = new Map<string, Subscription>();
  let queue = deps.queueGroup;
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

  const leaveOthers = (models: ReadonlySet<string>): void => {
    for (const subscriptions of [requests, controls]) {
      for (const [model, subscription] of subscriptions) {
        if (models.has(model)) continue;
        subscription.unsubscribe();
        subscriptions.delete(model);
      }
    }
  };

  const open = (names: Iterable<string>): void => {
    const models = new Set(names);
    leaveOthers(models);
    credits ??= messaging.subscribe(subjects.credit(pool), deps.onCredit, { queue });
    for (const model of models) {
      if (!controls.has(model)) {
        controls.set(model, messaging.subscribe(subjects.cancelAll(model), deps.onControl, { queue }));
      }
      if (takesRequests && !requests.has(model)) {
        const take = (message: Message): void => deps.onRequests(model, message);
        requests.set(model, messaging.subscribe(subjects.inferAll(model), take, { queue }));
      }
    }
  };

  const drain = async (subscriptions: readonly Subscription[]): Promise<void> => {
    await Promise.all(subscriptions.map((subscription) => subscription.drain()));
  };

  return {
    get queueGroup() {
      return queue;
    },
    open,
    join: async (next) => {
      if (next === queue) return;
      queue = next;
      const models = [...controls.keys()];
      const before = takeAll();
      open(models);
      await drain(before);
    },
    drainRequests: async () => {
      takesRequests = false;
      const draining = [...requests.values()];
      requests.clear();
      await drain(draining);
    },
    drain: () => drain(takeAll()),
    close: () => {
      for (const subscription of takeAll()) subscription.unsubscribe();
    },
  };
}
