import type { KV, KvWatchEntry } from "@nats-io/kv";
import { InferenceError } from "@sluice/protocol";
import { backoffMs, type Clock, type Logger, systemRandom } from "@sluice/runtime";
import type { KeyValueEntry, KeyValueWatch, Messaging } from "./messaging.ts";
import { toJetStreamError } from "./nats-error.ts";

export interface WatchOptions {
  readonly messaging: Pick<Messaging, "onEvent">;
  readonly store: KV;
  readonly clock: Clock;
  readonly log: Logger;
  readonly onEntry: (entry: KeyValueEntry) => void;
}

type Entries = Awaited<ReturnType<KV["watch"]>>;

/** Waits before a lost watch is opened again: at once is too soon for a server that is starting, 2 s is what a lease lasts. */
const reopenDelay = { baseMs: 100, maxMs: 1_000 };

/**
 * Watches all keys of a bucket until stopped. The client library notices only by missed heartbeats, after ten seconds and
 * more, that a server lost its consumer; so the watch is opened anew whenever the connection was.
 */
export async function watchKeys(options: WatchOptions): Promise<KeyValueWatch> {
  const { messaging, store, clock, log, onEntry } = options;
  const stopping = new AbortController();
  let entries = await openEntries(store);

  const stop = (): void => {
    stopping.abort();
    events[Symbol.dispose]();
    entries.stop();
  };
  const events = messaging.onEvent(({ type }) => {
    if (type === "reconnected") entries.stop();
    if (type === "closed") stop();
  });

  /** Tells entries until they end; `onPresent` once the keys there were have been told. */
  const tell = async (onPresent: () => void): Promise<void> => {
    for await (const entry of entries) {
      if (stopping.signal.aborted) return;
      try {
        onEntry(toEntry(entry));
      } catch (err) {
        log.error("watch handler failed", { err, key: entry.key });
      }
      if (entry.isUpdate || entry.delta === 0) onPresent();
    }
  };

  const reopen = async (): Promise<void> => {
    for (let attempt = 0; ; attempt++) {
      await clock.sleep(backoffMs({ attempt, ...reopenDelay }, systemRandom), stopping.signal);
      try {
        entries = await openEntries(store);
        if (stopping.signal.aborted) entries.stop();
        return;
      } catch (err) {
        // Once a loss is enough: the next attempts fail for the same reason.
        if (attempt === 0 && !stopping.signal.aborted) log.warn("watch was lost, opening it again", { err });
      }
    }
  };

  await new Promise<void>((resolve, reject) => {
    const run = async (): Promise<void> => {
      while (!stopping.signal.aborted) {
        await tell(resolve);
        if (!stopping.signal.aborted) await reopen();
      }
    };
    // It ends by stop() alone; a caller that still waits for the present keys learns that they will not come.
    run().then(
      () =>
        reject(new InferenceError("unavailable", "the watch was stopped", { details: { reason: "closed" } })),
      (error: unknown) => reject(toJetStreamError(error)),
    );
    // An empty bucket tells nothing: what is written after the watch was opened is a change.
    store.status().then(
      ({ values }) => {
        if (values === 0) resolve();
      },
      (error: unknown) => {
        stop();
        reject(toJetStreamError(error));
      },
    );
  });
  return { stop };
}

async function openEntries(store: KV): Promise<Entries> {
  try {
    return await store.watch();
  } catch (error) {
    throw toJetStreamError(error);
  }
}

function toEntry({ key, value, revision, operation }: KvWatchEntry): KeyValueEntry {
  return { key, value, revision, isDeleted: operation !== "PUT" };
}
