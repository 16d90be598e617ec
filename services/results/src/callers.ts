import type { Clock } from "@sluice/runtime";
import type { Message, Messaging, PublishOptions } from "@sluice/messaging";

/** Publishes frames of streams and notices when nobody listens to them any more. */
export interface Callers extends Disposable {
  /**
   * Publishes to `reply`. At most every {@link probeIntervalMs} the message carries an inbox of its own as reply subject, so
   * that the server says when nobody subscribes `reply`.
   * @throws {InferenceError} as {@link Messaging.publish}.
   */
  publish(reply: string, payload: Uint8Array, options?: Pick<PublishOptions, "headers">): void;
  /** When the server last said that nobody subscribes `reply`; `undefined` if not within the last {@link goneForMs}. */
  goneMs(reply: string): number | undefined;
}

interface Caller {
  readonly probe: Disposable;
  readonly probedMs: number;
  readonly gone: { atMs: number };
}

/** A stream goes on for this long after its caller has left, plus its way to the worker. */
const probeIntervalMs = 500;
/** Long enough for the next frames of all its streams to be reported. */
const goneForMs = 3000;
/** Bounds what a flood of short streams can take; the caller that was published to longest ago is forgotten first. */
const maxCallers = 10_000;

/** Creates the memory of the callers that read streams. Disposal ends all probes. */
export function createCallers({
  messaging,
  clock,
}: {
  readonly messaging: Messaging;
  readonly clock: Clock;
}): Callers {
  const callers = new Map<string, Caller>();

  const forget = (reply: string): void => {
    callers.get(reply)?.probe[Symbol.dispose]();
    callers.delete(reply);
  };
  const forgetOldest = (): void => {
    for (const reply of callers.keys()) {
      forget(reply);
      return;
    }
  };
  const probe: Callers["publish"] = (reply, payload, options) => {
    const gone = callers.get(reply)?.gone ?? { atMs: -Infinity };
    const onReply = (answer: Message): void => {
      if (answer.isNoResponders) gone.atMs = clock.monotonicMs();
    };
    const handle = messaging.publishWithReply(reply, payload, { ...options, onReply });
    forget(reply);
    if (callers.size >= maxCallers) forgetOldest();
    callers.set(reply, { probe: handle, probedMs: clock.monotonicMs(), gone });
  };

  return {
    publish(reply, payload, options) {
      const probedMs = callers.get(reply)?.probedMs ?? -Infinity;
      if (clock.monotonicMs() - probedMs >= probeIntervalMs) probe(reply, payload, options);
      else messaging.publish(reply, payload, options);
    },
    goneMs(reply) {
      const goneMs = callers.get(reply)?.gone.atMs ?? -Infinity;
      return clock.monotonicMs() - goneMs < goneForMs ? goneMs : undefined;
    },
    [Symbol.dispose]() {
      for (const caller of callers.values()) caller.probe[Symbol.dispose]();
      callers.clear();
    },
  };
}
