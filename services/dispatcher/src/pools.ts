import type { Message, Messaging, Subscription } from "@sluice/messaging";
import {
  decodeHandover,
  encodeHandoverAnswer,
  InferenceError,
  parseSubject,
  subjects,
  type Handover,
} from "@sluice/protocol";
import type { Background } from "./background.ts";
import type { OnDispatcherEvent } from "./event.ts";
import type { PoolSeat } from "./leases/pool-seat.ts";

/** Every pool this dispatcher knows of. */
export interface Pools {
  start(): void;
  /** Looks after all pools; called with every heartbeat. */
  tick(): void;
  /** Looks after one pool, whose record changed. */
  tickPool(pool: string): void;
  /** Gives all pools away. */
  leave(): Promise<void>;
}

export interface PoolsOptions {
  readonly self: string;
  readonly messaging: Messaging;
  readonly background: Background;
  readonly onEvent: OnDispatcherEvent;
  /** Names of all pools that workers or records tell of. */
  readonly names: () => Iterable<string>;
  readonly createSeat: (pool: string) => PoolSeat;
}

export function createPools(options: PoolsOptions): Pools {
  const { self, messaging, background, onEvent, createSeat } = options;
  const seats = new Map<string, PoolSeat>();
  let subscription: Subscription | undefined;
  let events: Disposable | undefined;

  const seat = (pool: string): PoolSeat => {
    let known = seats.get(pool);
    if (known === undefined) {
      known = createSeat(pool);
      seats.set(pool, known);
    }
    return known;
  };

  const answer = (reply: string, error?: InferenceError): void => {
    const { code = "ok", message = "" } = error ?? {};
    messaging.publish(reply, encodeHandoverAnswer({ accepted: error === undefined, code, message }));
  };

  const take = async (pool: string, handover: Handover, reply: string): Promise<void> => {
    try {
      await seat(pool).take(handover);
      answer(reply);
    } catch (error) {
      answer(reply, InferenceError.from(error));
    }
  };

  const onHandover = (message: Message): void => {
    const subject = parseSubject(message.subject);
    if (subject?.kind !== "handover") return;
    try {
      const handover = decodeHandover(message.payload);
      if (handover.successor === self) background.start(() => take(subject.pool, handover, message.reply));
    } catch (error) {
      onEvent({ type: "malformedMessage", subject: message.subject, error });
    }
  };

  return {
    start: () => {
      subscription = messaging.subscribe(subjects.handoverAll(), onHandover);
      events = messaging.onEvent(({ type }) => {
        if (type === "reconnected") for (const each of seats.values()) each.reconnected();
      });
    },
    tick: () => {
      for (const pool of options.names()) seat(pool).tick();
    },
    tickPool: (pool) => seat(pool).tick(),
    leave: async () => {
      await Promise.all([...seats.values()].map((each) => each.leave()));
      subscription?.unsubscribe();
      events?.[Symbol.dispose]();
    },
  };
}
