import {
  createInbox,
  createKeyValueEntries,
  headerBytes,
  type Message,
  type Messaging,
  messagingErrors,
  type MessagingEvent,
  type PublishOptions,
  publishToStream,
  type Subscription,
} from "@sluice/messaging";
import type { InferenceError } from "@sluice/protocol";
import type { Clock, Logger } from "@sluice/runtime";
import type { BrokerSubscription, Endpoint, MemoryBroker } from "./memory-broker.ts";
import { createMemoryKeyList } from "./memory-key-value.ts";
import { copyPayload, type Envelope } from "./memory-message.ts";

export interface MemoryMessagingOptions {
  readonly broker: MemoryBroker;
  readonly clock: Clock;
  readonly log: Logger;
  readonly connectionId: string;
  /** Of the server as it is now. */
  readonly maxPayloadBytes: () => number;
  readonly maxPendingBytes: number;
  readonly jetStreamTimeoutMs: number;
}

/** A connection and what a test may do to it. */
export interface MemoryConnection {
  readonly messaging: Messaging;
  disconnect(): void;
  reconnect(): void;
  stall(): void;
  resume(): void;
  kill(): void;
}

/** A message that leaves once the connection is back. */
interface WaitingMessage {
  readonly envelope: Envelope;
  readonly bytes: number;
  readonly onUnsent: (error: InferenceError) => void;
}

export const memoryServer = "memory:4222";

export function createMemoryMessaging(options: MemoryMessagingOptions): MemoryConnection {
  const { broker, clock, log, connectionId, maxPendingBytes, jetStreamTimeoutMs } = options;
  /** As the server said when it was connected to. */
  let maxPayloadBytes = options.maxPayloadBytes();
  const endpoint: Endpoint = { isReachable: true, held: undefined };
  const inbox = createInbox(`_INBOX.${connectionId}`, clock);
  const listeners = new Set<(event: MessagingEvent) => void>();
  const subscriptions = new Set<BrokerSubscription>();
  /** What was published while disconnected, or stalled. */
  let waiting: WaitingMessage[] = [];
  let waitingBytes = 0;
  let isClosed = false;
  let closing: Promise<void> | undefined;

  const emit = (event: MessagingEvent): void => {
    for (const listener of listeners) listener(event);
  };

  const dispatch = (handler: (message: Message) => void) => (message: Message) => {
    try {
      handler(message);
    } catch (err) {
      log.error("message handler failed", { err, subject: message.subject });
    }
  };

  const tellUnsent = (err: InferenceError): void => log.warn("waiting message was not sent", { err });

  /** Returns what takes the message back if it waits. */
  const publish = (
    subject: string,
    payload: Uint8Array,
    publishOptions: PublishOptions = {},
  ): (() => void) | undefined => {
    const { reply = "", headers, onUnsent = tellUnsent } = publishOptions;
    const bytes = payload.byteLength + (headers === undefined ? 0 : headerBytes(headers));
    if (isClosed) throw messagingErrors.closed();
    if (bytes > maxPayloadBytes) throw messagingErrors.tooLarge(bytes, maxPayloadBytes);
    const envelope: Envelope = {
      subject,
      payload: copyPayload(payload),
      reply,
      headers: headers ?? {},
      isNoResponders: false,
    };
    if (endpoint.isReachable && endpoint.held === undefined) {
      broker.publish(endpoint, envelope);
      return undefined;
    }
    if (waitingBytes + bytes > maxPendingBytes) throw messagingErrors.outgoingFull(maxPendingBytes);
    const message = { envelope, bytes, onUnsent };
    waitingBytes += bytes;
    waiting.push(message);
    return () => withdraw(message);
  };

  const withdraw = (message: WaitingMessage): void => {
    if (!waiting.includes(message)) return;
    waiting = waiting.filter((other) => other !== message);
    waitingBytes -= message.bytes;
  };

  const subscribe: Messaging["subscribe"] = (subject, handler, { queue } = {}) => {
    if (isClosed) throw messagingErrors.closed();
    const subscription = { endpoint, pattern: subject, queue, handler: dispatch(handler), isOpen: true };
    subscriptions.add(subscription);
    broker.subscribe(subscription);
    return toSubscription(subscription);
  };

  const toSubscription = (subscription: BrokerSubscription): Subscription => {
    const unsubscribe = (): void => {
      subscription.isOpen = false;
      subscriptions.delete(subscription);
      broker.unsubscribe(subscription);
    };
    return {
      subject: subscription.pattern,
      unsubscribe,
      async drain() {
        broker.unsubscribe(subscription);
        await broker.flush();
        unsubscribe();
      },
    };
  };

  const request: Messaging["request"] = async (subject, payload, { timeoutMs, signal, headers = {} }) => {
    const limits = signal === undefined ? { timeoutMs } : { timeoutMs, signal };
    const answer = await inbox.ask(limits, (reply, onUnsent) =>
      publish(subject, payload, { reply, headers, onUnsent }),
    );
    if (answer.isNoResponders) throw messagingErrors.noResponders(subject);
    return answer;
  };

  const onEvent: Messaging["onEvent"] = (listener) => {
    const entry = (event: MessagingEvent): void => listener(event);
    listeners.add(entry);
    return { [Symbol.dispose]: () => void listeners.delete(entry) };
  };

  const leave = (): void => {
    isClosed = true;
    endpoint.isReachable = false;
    for (const subscription of subscriptions) broker.unsubscribe(subscription);
    subscriptions.clear();
    inbox[Symbol.dispose]();
  };

  const close = async (): Promise<void> => {
    if (isClosed) return;
    if (endpoint.isReachable) {
      for (const subscription of subscriptions) broker.unsubscribe(subscription);
      await broker.flush();
    }
    leave();
    emit({ type: "closed", error: undefined });
  };

  const whenRunning = (callback: () => void): void => {
    if (endpoint.held === undefined) callback();
    else endpoint.held.push(callback);
  };

  const sendWaiting = (): void => {
    const due = waiting;
    waiting = [];
    waitingBytes = 0;
    for (const { envelope, bytes, onUnsent } of due) {
      if (bytes > maxPayloadBytes) onUnsent(messagingErrors.tooLarge(bytes, maxPayloadBytes));
      else broker.publish(endpoint, envelope);
    }
  };

  subscribe(inbox.subject, (message) => inbox.dispatch(message));

  const messaging: Messaging = {
    connectionId,
    get maxPayloadBytes() {
      return maxPayloadBytes;
    },
    server: memoryServer,
    get isConnected() {
      return endpoint.isReachable;
    },
    publish: (subject, payload, publishOptions) => void publish(subject, payload, publishOptions),
    subscribe,
    request,
    publishWithReply: (subject, payload, { onReply, headers, onUnsent }) =>
      inbox.open(onReply, (reply) => publish(subject, payload, { reply, headers, onUnsent })),
    publishDurable(subject, payload, { timeoutMs, messageId }) {
      const headers = messageId === undefined ? {} : { headers: { "Nats-Msg-Id": messageId } };
      return publishToStream({ request }, { subject, payload, timeoutMs, ...headers });
    },
    async flush() {
      if (isClosed) throw messagingErrors.closed();
      if (!endpoint.isReachable) throw messagingErrors.disconnected();
      await new Promise<void>(whenRunning);
      await broker.flush();
    },
    // Keys stay, whatever `maxAgeMs` says: nobody is told when they go.
    async keyValue(bucket) {
      if (isClosed) throw messagingErrors.closed();
      await checkJetStream();
      const stream = broker.stream({
        name: `KV_${bucket}`,
        subjects: [`$KV.${bucket}.>`],
        maxMessagesPerSubject: 1,
      });
      const list = createMemoryKeyList({ bucket, stream, messaging, whenRunning, clock, log });
      return {
        ...createKeyValueEntries({ messaging: { request }, bucket, timeoutMs: jetStreamTimeoutMs }),
        async keys() {
          await checkJetStream();
          return list.keys();
        },
        async watch(onEntry) {
          await checkJetStream();
          return list.watch(onEntry);
        },
      };
    },
    onEvent,
    close: () => (closing ??= close()),
    [Symbol.asyncDispose]: () => (closing ??= close()),
  };

  /** Fails as a call does that JetStream does not answer. */
  async function checkJetStream(): Promise<void> {
    if (!endpoint.isReachable) {
      await clock.sleep(jetStreamTimeoutMs);
      throw messagingErrors.jetStreamTimeout();
    }
    if (!broker.isJetStreamAvailable) throw messagingErrors.jetStreamUnavailable();
  }

  return {
    messaging,
    disconnect() {
      endpoint.isReachable = false;
      emit({ type: "disconnected" });
    },
    reconnect() {
      endpoint.isReachable = true;
      maxPayloadBytes = options.maxPayloadBytes();
      sendWaiting();
      emit({ type: "reconnected", server: memoryServer });
    },
    stall() {
      endpoint.held ??= [];
    },
    resume() {
      const { held = [] } = endpoint;
      endpoint.held = undefined;
      sendWaiting();
      for (const dispatchHeld of held) dispatchHeld();
    },
    kill: leave,
  };
}
