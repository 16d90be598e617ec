import type { Messaging } from "@sluice/messaging";
import { InferenceError } from "@sluice/protocol";
import { Calls } from "./calls.ts";
import type { CompiledOptions } from "./client-options.ts";
import { createModelClient, type ModelClient } from "./model-client.ts";
import type { KnownModel } from "./pool-directory.ts";
import { listenMs } from "./pool-directory.ts";

/** A connection to a Sluice cluster, for one tenant. */
export interface Client extends AsyncDisposable {
  readonly tenant: string;
  /**
   * The client of one model; cheap, keeps nothing open. Whether the model is served shows when it is called.
   * @throws {InferenceError} `invalidArgument` when the name is not 1 to 64 of `A-Z a-z 0-9 _ -`.
   */
  model(name: string): ModelClient;
  /**
   * The models that are served, sorted by name. Waits until every pool had time to announce itself: 1.2 s after connecting.
   * @throws {InferenceError} `canceled` when the client is closed, or closes meanwhile.
   */
  models(): Promise<readonly KnownModel[]>;
  /**
   * Takes no further call, cancels streams, waits up to `drainTimeoutMs` for other open calls and cancels the rest; then closes
   * the connection, unless it was given. Safe to call twice; disposal does the same.
   */
  close(): Promise<void>;
}

/** What {@link createClient} needs beside its options. */
export interface ClientConnection {
  readonly messaging: Messaging;
  /** Whether closing the client closes the connection. */
  readonly isOwned: boolean;
}

/** Makes a client of an open connection. */
export function createClient({ messaging, isOwned }: ClientConnection, options: CompiledOptions): Client {
  const { clock, drainTimeoutMs } = options;
  const calls = new Calls(messaging, options);
  const closing = new AbortController();
  let closed: Promise<void> | undefined;

  const shutDown = async (): Promise<void> => {
    const error = new InferenceError("canceled", "the client is closed");
    closing.abort(error);
    const drainTimeout = new AbortController();
    const drained = calls.drain(error).then(() => drainTimeout.abort());
    await Promise.race([drained, clock.sleep(drainTimeoutMs, drainTimeout.signal).catch(() => drained)]);
    calls.close(error);
    if (isOwned) await messaging.close();
  };
  const close = (): Promise<void> => (closed ??= shutDown());

  return {
    tenant: options.tenant,
    model: (name) => createModelClient(name, calls),
    async models() {
      closing.signal.throwIfAborted();
      const waitMs = calls.listeningSinceMs + listenMs - clock.monotonicMs();
      if (waitMs > 0) await clock.sleep(waitMs, closing.signal);
      return calls.pools.models(clock.monotonicMs());
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}
