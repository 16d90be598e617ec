import type { KeyValue, KeyValueEntry, KeyValueWatch, Messaging } from "@sluice/messaging";
import type { Clock, Logger } from "@sluice/runtime";
import type { MemoryStream, StoredMessage } from "./memory-stream.ts";

export interface MemoryWatchOptions {
  readonly bucket: string;
  readonly stream: MemoryStream;
  readonly messaging: Pick<Messaging, "isConnected" | "onEvent">;
  /** Calls back at once, or when the process no longer stands still. */
  readonly whenRunning: (callback: () => void) => void;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Lists and watches the keys of an in-memory bucket. A watch ends with its connection. */
export function createMemoryKeyList(options: MemoryWatchOptions): Pick<KeyValue, "keys" | "watch"> {
  const { bucket, stream, messaging, whenRunning, clock, log } = options;
  const toEntry = ({ subject, sequence, payload, headers }: StoredMessage): KeyValueEntry => ({
    key: subject.slice(`$KV.${bucket}.`.length),
    value: payload,
    revision: sequence,
    isDeleted: headers["KV-Operation"] !== undefined,
  });

  return {
    async keys() {
      return stream.messages
        .map(toEntry)
        .filter(({ isDeleted }) => !isDeleted)
        .map(({ key }) => key);
    },
    async watch(onEntry): Promise<KeyValueWatch> {
      let isStopped = false;
      const dispatch = (message: StoredMessage): void => {
        if (isStopped || !messaging.isConnected) return;
        try {
          onEntry(toEntry(message));
        } catch (err) {
          log.error("watch handler failed", { err, subject: message.subject });
        }
      };
      const tell = (message: StoredMessage): Promise<void> =>
        new Promise((resolve) => {
          clock.afterRead(() => {
            resolve();
            whenRunning(() => dispatch(message));
          });
        });
      const appended = stream.onAppend((message) => void tell(message));
      const events = messaging.onEvent(({ type }) => {
        if (type === "reconnected") for (const message of stream.messages) void tell(message);
      });
      await Promise.all(stream.messages.map(tell));
      return {
        stop() {
          isStopped = true;
          appended[Symbol.dispose]();
          events[Symbol.dispose]();
        },
      };
    },
  };
}
