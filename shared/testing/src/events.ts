interface TypedEvent {
  readonly type: string;
}

/** Everything an `onEvent` was told, and a way to wait for what comes. */
export interface EventCollector<Event extends TypedEvent> {
  /** In order of arrival. */
  readonly all: readonly Event[];
  /** Give this to what is tested. */
  readonly onEvent: (event: Event) => void;
  /**
   * Resolves with the oldest event of `type` that no earlier call was given, at once or when it comes. The runner's time limit
   * is the only bound.
   */
  next<Type extends Event["type"]>(type: Type): Promise<Extract<Event, { readonly type: Type }>>;
  /** Events of `type` so far. */
  count(type: Event["type"]): number;
}

interface Waiter<Event> {
  readonly offer: (event: Event) => boolean;
}

export function collectEvents<Event extends TypedEvent>(): EventCollector<Event> {
  const all: Event[] = [];
  const unread: Event[] = [];
  const waiters: Waiter<Event>[] = [];
  return {
    all,
    onEvent(event) {
      all.push(event);
      const index = waiters.findIndex((waiter) => waiter.offer(event));
      if (index === -1) unread.push(event);
      else waiters.splice(index, 1);
    },
    next<Type extends Event["type"]>(type: Type) {
      type Wanted = Extract<Event, { readonly type: Type }>;
      const isWanted = (event: Event): event is Wanted => event.type === type;
      for (const [index, event] of unread.entries()) {
        if (!isWanted(event)) continue;
        unread.splice(index, 1);
        return Promise.resolve(event);
      }
      return new Promise<Wanted>((resolve) => {
        waiters.push({
          offer(event) {
            if (!isWanted(event)) return false;
            resolve(event);
            return true;
          },
        });
      });
    },
    count: (type) => all.filter((event) => event.type === type).length,
  };
}
