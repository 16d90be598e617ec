import type { Messaging } from "@sluice/messaging";
import type { Clock } from "@sluice/runtime";

/** One message to a caller. */
export interface Reply {
  readonly reply: string;
  readonly payload: Uint8Array;
}

/** What was published before the server was asked. */
interface Question {
  readonly messages: readonly Reply[];
  readonly bytes: number;
}

/** Publishes results to their callers, and again what a lost connection may have taken along. */
export interface StraightPublisher extends Disposable {
  /** Whether the server keeps up; the worker asks for no more work while it does not. */
  readonly hasRoom: boolean;
  /** @throws {InferenceError} as {@link Messaging.publish}. */
  publish(message: Reply): void;
}

export interface StraightPublisherOptions {
  readonly messaging: Pick<Messaging, "publish" | "flush" | "onEvent">;
  readonly clock: Clock;
  /** Takes what could not be published once more after the connection was lost. */
  readonly onUnsent: (message: Reply) => void;
  /** Called when there is room again. */
  readonly onRoom: () => void;
}

/** How long messages are kept before the server is asked whether it has them, in milliseconds. */
const askIntervalMs = 500;
/** So much, or so many, are asked for at once: memory is bounded, and the question costs nothing beside them. */
const askBytes = 1024 * 1024;
const askCount = 1024;
/** What the server may not have yet before no more work is asked for. */
const maxKeptBytes = 16 * 1024 * 1024;

/**
 * Creates the publisher. The server does not acknowledge what is published, but has all of it that came before a question it
 * answers (PING, PONG). What it was not known to have when the connection was lost is published again: a caller takes the first
 * answer. Reports of batches follow their results on the same connection, so that no owner hears of an end whose results are lost.
 */
export function createStraightPublisher(options: StraightPublisherOptions): StraightPublisher {
  const { messaging, clock, onUnsent, onRoom } = options;
  /** Published since the last question. */
  let kept: Reply[] = [];
  let keptBytes = 0;
  /** What the last question covers, as long as the server has not answered. */
  let asked: Question | undefined;
  let timer: Disposable | undefined;
  let isClosed = false;

  const askLater = (): void => {
    timer ??= clock.schedule(askIntervalMs, ask);
  };

  const ask = (): void => {
    timer?.[Symbol.dispose]();
    timer = undefined;
    if (asked !== undefined || kept.length === 0) return;
    const own = { messages: kept, bytes: keptBytes };
    asked = own;
    kept = [];
    keptBytes = 0;
    messaging.flush().then(
      () => {
        if (asked !== own) return;
        asked = undefined;
        if (kept.length > 0) askLater();
        onRoom();
      },
      () => {
        // The connection is lost; the event that says so has it published again.
        if (asked !== own) return;
        takeBack(own);
        askLater();
      },
    );
  };

  const takeBack = ({ messages, bytes }: Question): void => {
    asked = undefined;
    kept = [...messages, ...kept];
    keptBytes += bytes;
  };

  const keep = (message: Reply): void => {
    if (isClosed) return;
    kept.push(message);
    keptBytes += message.payload.byteLength;
    if (keptBytes >= askBytes || kept.length >= askCount) ask();
    else askLater();
  };

  const publishAgain = (): void => {
    if (asked !== undefined) takeBack(asked);
    const lost = kept;
    kept = [];
    keptBytes = 0;
    for (const message of lost) {
      const { reply, payload } = message;
      try {
        messaging.publish(reply, payload, { onUnsent: () => onUnsent(message) });
        keep(message);
      } catch {
        onUnsent(message);
      }
    }
  };

  const events = messaging.onEvent((event) => {
    if (event.type === "disconnected") publishAgain();
  });

  return {
    get hasRoom() {
      return keptBytes + (asked?.bytes ?? 0) < maxKeptBytes;
    },
    publish: (message) => {
      messaging.publish(message.reply, message.payload);
      keep(message);
    },
    [Symbol.dispose]: () => {
      isClosed = true;
      timer?.[Symbol.dispose]();
      events[Symbol.dispose]();
      asked = undefined;
      kept = [];
    },
  };
}
