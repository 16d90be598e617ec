import type { Messaging } from "@sluice/messaging";
import { type Clock, createId, type Logger, silentLogger } from "@sluice/runtime";
import { createMemoryBroker } from "./memory-broker.ts";
import { createMemoryMessaging, type MemoryConnection } from "./memory-messaging.ts";
import type { MemoryStream, MemoryStreamOptions } from "./memory-stream.ts";

export interface MemoryNatsOptions {
  readonly clock: Clock;
  /** Default 1 MiB, as nats-server has it. */
  readonly maxPayloadBytes?: number;
}

export interface MemoryConnectOptions {
  readonly log?: Logger;
  /** Default 64 MiB. */
  readonly maxPendingBytes?: number;
  /** How long a bucket's call waits for its answer, default 2 s. */
  readonly jetStreamTimeoutMs?: number;
}

/**
 * A NATS server in memory: every connection made from it reaches the others. It passes the same contract suite as the real one.
 * Messages arrive after the current input (`Clock.afterRead`), in order, as copies at an odd offset. There are no permissions,
 * and a subscription counts from its call on, without a flush.
 */
export interface MemoryNats {
  connect(options?: MemoryConnectOptions): Messaging;
  /** Cuts a connection off; what is sent to it is lost, what it publishes waits. */
  disconnect(messaging: Messaging): void;
  /** Ends {@link disconnect}. */
  reconnect(messaging: Messaging): void;
  /** Stops a connection as a process that stands still would, or a host that is gone: what comes for it waits, and what it publishes. */
  stall(messaging: Messaging): void;
  /** Ends {@link stall}. */
  resume(messaging: Messaging): void;
  /** Ends a connection as the death of its process would: no drain, no event. */
  kill(messaging: Messaging): void;
  /** What the server takes from now on, as another one of a cluster may; a connection finds it out when it reconnects. */
  setMaxPayloadBytes(bytes: number): void;
  /** Whether JetStream answers; while it is away the server says so at once. */
  setJetStreamAvailable(isAvailable: boolean): void;
  /** Declares a stream, so that what is published to its subjects is kept. */
  addStream(options: MemoryStreamOptions): Pick<MemoryStream, "messages" | "lose">;
}

const defaultMaxPayloadBytes = 1024 * 1024;
const defaultMaxPendingBytes = 64 * 1024 * 1024;
const defaultJetStreamTimeoutMs = 2_000;

export function createMemoryNats({ clock, ...options }: MemoryNatsOptions): MemoryNats {
  let { maxPayloadBytes = defaultMaxPayloadBytes } = options;
  const broker = createMemoryBroker(clock);
  const connections = new WeakMap<Messaging, MemoryConnection>();

  const connectionOf = (messaging: Messaging): MemoryConnection => {
    const connection = connections.get(messaging);
    if (connection === undefined) throw new Error("the connection belongs to another server");
    return connection;
  };

  return {
    connect(connectOptions = {}) {
      const { log = silentLogger, maxPendingBytes = defaultMaxPendingBytes } = connectOptions;
      const { jetStreamTimeoutMs = defaultJetStreamTimeoutMs } = connectOptions;
      const connection = createMemoryMessaging({
        broker,
        clock,
        log,
        connectionId: createId(),
        maxPayloadBytes: () => maxPayloadBytes,
        maxPendingBytes,
        jetStreamTimeoutMs,
      });
      connections.set(connection.messaging, connection);
      return connection.messaging;
    },
    disconnect: (messaging) => connectionOf(messaging).disconnect(),
    reconnect: (messaging) => connectionOf(messaging).reconnect(),
    stall: (messaging) => connectionOf(messaging).stall(),
    resume: (messaging) => connectionOf(messaging).resume(),
    kill: (messaging) => connectionOf(messaging).kill(),
    setMaxPayloadBytes(bytes) {
      maxPayloadBytes = bytes;
    },
    setJetStreamAvailable(isAvailable) {
      broker.isJetStreamAvailable = isAvailable;
    },
    addStream: (streamOptions) => broker.stream(streamOptions),
  };
}
