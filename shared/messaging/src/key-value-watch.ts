import type { KvWatchEntry } from "@nats-io/kv";
import { InferenceError } from "@sluice/protocol";
import { backoffMs, type Clock, type Logger, systemRandom } from "@sluice/runtime";
import type { KeyValueEntry, KeyValueWatch, Messaging } from "./messaging.ts";
import { toJetStreamError } from "./nats-error.ts";

type WatchedEntry = Pick<KvWatchEntry, "key" | "value" | "revision" | "operation" | "isUpdate" | "delta">;

type Entries = AsyncIterable<WatchedEntry> & { stop(): void };

/** What a watch needs of the client library's bucket. */
export interface WatchedBucket {
  watch(): Promise<Entries>;
  status(): Promise<{ readonly values: number }>;
}

export interface WatchOptions {
  readonly messaging: Pick<Messaging, "onEvent">;
  readonly store: WatchedBucket;
  readonly clock: Clock;
  readonly log: Logger;
  readonly onEntry: (entry: KeyValueEntry) => void;
}

/** Waits before a lost watch is opened again: at once is too soon for a server that is starting, 2 s is what a lease lasts. */
const reopenDelay = { baseMs: 100, maxMs: 1_000 };

/**
 * Watches all keys of a bucket until stopped. The client library notices only by missed heartbeats, after a minute, that a
 * server lost its consumer; so the watch is opened anew whenever the connection was.
 */
export async function watchKeys(options: WatchOptions): Promise<KeyValueWatch> {
  const { messaging, store, clock, log, onEntry } = options;
  const stopping = new AbortController();
  let entries: Entries | undefined;
  let reconnectCount = 0;

  const stop = (): void => {
    stopping.abort();
    events[Symbol.dispose]();
    entries?.stop();
  };
  const events = messaging.onEvent(({ type }) => {
    if (type === "closed") stop();
    if (type !== "reconnected") return;
    reconnectCount += 1;
    entries?.stop();
  });

  /** What was opened while the connection came back may have been asked of the server that is gone: it ends at once. */
  const open = async (): Promise<Entries> => {
    const countBefore = reconnectCount;
    const opened = await store.watch();
    if (stopping.signal.aborted || reconnectCount !== countBefore) opened.stop();
    entries = opened;
    return opened;
  };

  /** Tells entries until they end; `onPresent` once the keys there were have been told. */
  const tell = async (from: Entries, onPresent: () => void): Promise<void> => {
    for await (const entry of from) {
      if (stopping.signal.aborted) return;
      try {
        onEntry(toEntry(entry));
      } catch (err) {
        log.error("watch handler failed", { err, key: entry.key });
      }
      if (entry.isUpdate || entry.delta === 0) onPresent();
    }
  };

  const reopen = async (): Promise<Entries> => {
    for (let attempt = 0; ; attempt++) {
      await clock.sleep(backoffMs({ attempt, ...reopenDelay }, systemRandom), stopping.signal);
      try {
        return await open();
      } catch (err) {
        // Once a loss is enough: the next attempts fail for the same reason.
        if (attempt === 0 && !stopping.signal.aborted) log.warn("watch was lost, opening it again", { err });
      }
    }
  };

  try {
    const first = await open();
    // Asked before anything is told: a watch that once told what there is must not end because of this question.
    const isEmpty = (await store.status()).values === 0;
    await new Promise<void>((resolve, reject) => {
      const run = async (): Promise<void> => {
        let from = first;
        for (;;) {
          await tell(from, resolve);
          if (stopping.signal.aborted) return;
          from = await reopen();
        }
      };
      // It ends by stop() alone; a caller that still waits for the present keys learns that they will not come.
      const onEnd = (): void => reject(stoppedError());
      run().then(onEnd, onEnd);
      // An empty bucket tells nothing: what is written after the watch was opened is a change.
      if (isEmpty) resolve();
    });
  } catch (error) {
    stop();
    throw toJetStreamError(error);
  }
  return { stop };
}

function stoppedError(): InferenceError {
  return new InferenceError("unavailable", "the watch was stopped", { details: { reason: "closed" } });
}

function toEntry({ key, value, revision, operation }: WatchedEntry): KeyValueEntry {
  return { key, value, revision, isDeleted: operation !== "PUT" };
}
