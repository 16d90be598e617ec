import { silentLogger, systemClock, type Clock } from "@sluice/runtime";
import { describe, expect, test, vi } from "vitest";
import { watchKeys, type WatchedBucket, type WatchOptions } from "./key-value-watch.ts";
import type { MessagingEvent } from "./messaging.ts";

type Entries = Awaited<ReturnType<WatchedBucket["watch"]>>;

/** A bucket that holds the key "a". Every opening of a watch and every status is the test's to answer. */
function createBucket() {
  const listeners = new Set<(event: MessagingEvent) => void>();
  const entries: { readonly isStopped: boolean }[] = [];
  const keys: string[] = [];
  const watch = vi.fn(async (): Promise<Entries> => createEntries(entries));
  const status = vi.fn(async () => ({ values: 1 }));
  const clock: Clock = { ...systemClock, sleep: async (_, signal) => signal?.throwIfAborted() };
  const options: WatchOptions = {
    messaging: {
      onEvent(listener) {
        listeners.add(listener);
        return { [Symbol.dispose]: () => void listeners.delete(listener) };
      },
    },
    store: { watch, status },
    clock,
    log: silentLogger,
    onEntry: ({ key }) => keys.push(key),
  };
  const tell = (event: MessagingEvent): void => {
    for (const listener of listeners) listener(event);
  };
  return { options, watch, status, entries, keys, tell };
}

/** The client library's entries: the one there is, then none until stopped. */
function createEntries(all: { readonly isStopped: boolean }[]): Entries {
  const ended = new AbortController();
  all.push({
    get isStopped() {
      return ended.signal.aborted;
    },
  });
  return {
    stop: () => ended.abort(),
    async *[Symbol.asyncIterator]() {
      if (ended.signal.aborted) return;
      yield { key: "a", value: new Uint8Array(), revision: 1, operation: "PUT", isUpdate: false, delta: 0 };
      if (ended.signal.aborted) return;
      await new Promise<void>((resolve) => ended.signal.addEventListener("abort", () => resolve()));
    },
  };
}

const reconnected: MessagingEvent = { type: "reconnected", server: "a:1" };

describe("watchKeys()", () => {
  test("tells nothing before it knows whether there is anything, so that its rejection ends it whole", async () => {
    const bucket = createBucket();
    bucket.status.mockRejectedValueOnce(new Error("no answer"));
    await expect(watchKeys(bucket.options)).rejects.toMatchObject({ code: "internal" });
    expect(bucket.keys).toEqual([]);
    expect(bucket.entries).toMatchObject([{ isStopped: true }]);
  });

  test("asks for the status once: what opens again does not depend on it", async () => {
    const bucket = createBucket();
    await watchKeys(bucket.options);
    bucket.status.mockRejectedValue(new Error("no answer"));
    bucket.tell(reconnected);
    await vi.waitFor(() => expect(bucket.keys).toEqual(["a", "a"]));
    expect(bucket.entries).toMatchObject([{ isStopped: true }, { isStopped: false }]);
  });

  test("opens anew what was being opened while the connection came back", async () => {
    const bucket = createBucket();
    await watchKeys(bucket.options);
    bucket.watch.mockImplementationOnce(async () => {
      bucket.tell(reconnected);
      return createEntries(bucket.entries);
    });
    bucket.tell(reconnected);
    await vi.waitFor(() => expect(bucket.keys).toEqual(["a", "a"]));
    expect(bucket.entries).toMatchObject([{ isStopped: true }, { isStopped: true }, { isStopped: false }]);
  });

  test("goes on trying while the bucket cannot be watched", async () => {
    const bucket = createBucket();
    await watchKeys(bucket.options);
    bucket.watch.mockRejectedValueOnce(new Error("not yet")).mockRejectedValueOnce(new Error("not yet"));
    bucket.tell(reconnected);
    await vi.waitFor(() => expect(bucket.keys).toEqual(["a", "a"]));
    expect(bucket.watch).toHaveBeenCalledTimes(4);
  });

  test("opens nothing again once stopped", async () => {
    const bucket = createBucket();
    const watch = await watchKeys(bucket.options);
    watch.stop();
    bucket.tell(reconnected);
    await new Promise<void>((resolve) => systemClock.afterRead(resolve));
    expect(bucket.watch).toHaveBeenCalledOnce();
    expect(bucket.entries).toMatchObject([{ isStopped: true }]);
  });
});
