import type { InferenceError } from "@sluice/protocol";
import type { Clock, Logger } from "@sluice/runtime";
import type {
  Msg,
  NatsConnection,
  PublishOptions as NatsPublishOptions,
  Subscription as NatsSubscription,
} from "nats";
import { createInbox } from "./inbox.ts";
import { publishToStream } from "./jetstream-request.ts";
import type { Message, Messaging, MessagingEvent, PublishOptions, Subscription } from "./messaging.ts";
import { messagingErrors } from "./messaging-error.ts";
import { toInferenceError } from "./nats-error.ts";
import { toMessagingEvent } from "./nats-events.ts";
import { openKeyValue } from "./nats-key-value.ts";
import { headerBytes, NatsMessage, toNatsHeaders } from "./nats-message.ts";
import { createOutgoing } from "./outgoing.ts";

export interface NatsMessagingOptions {
  readonly connection: NatsConnection;
  readonly connectionId: string;
  /** Prefix of this connection's reply subjects. */
  readonly inbox: string;
  readonly maxPendingBytes: number;
  readonly jetStreamTimeoutMs: number;
  readonly log: Logger;
  readonly clock: Clock;
}

/** Puts the contract on a connection, which it then owns. */
export function createNatsMessaging(options: NatsMessagingOptions): Messaging {
  const { connection, connectionId, clock, log } = options;
  const listeners = new Set<(event: MessagingEvent) => void>();
  let maxPayloadBytes = connection.info?.max_payload ?? 0;
  let isConnected = true;
  let closing: Promise<void> | undefined;

  const inbox = createInbox(options.inbox, clock);
  const outgoing = createOutgoing({
    maxPendingBytes: options.maxPendingBytes,
    flush: () => connection.flush(),
  });
  const tellUnsent = (err: InferenceError): void => log.warn("waiting message was not sent", { err });

  const emit = (event: MessagingEvent): void => {
    for (const listener of listeners) listener(event);
  };

  const onMessagingEvent = (event: MessagingEvent): void => {
    switch (event.type) {
      case "disconnected":
        isConnected = false;
        outgoing.suspend();
        log.warn("nats disconnected");
        break;
      case "reconnected":
        isConnected = true;
        maxPayloadBytes = connection.info?.max_payload ?? maxPayloadBytes;
        outgoing.resume();
        log.info("nats reconnected", { server: event.server });
        break;
      case "slowConsumer":
        log.warn("nats found a slow consumer", { subject: event.subject });
        break;
      case "permissionViolation":
        log.error("nats refused a subject", { subject: event.subject, operation: event.operation });
        break;
      case "closed":
        isConnected = false;
        inbox[Symbol.dispose]();
        if (event.error === undefined) log.info("nats connection closed");
        else log.error("nats connection lost for good", { err: event.error });
        break;
    }
    emit(event);
  };

  const watchStatus = async (): Promise<void> => {
    for await (const status of connection.status()) {
      const event = toMessagingEvent(status);
      if (event !== undefined) onMessagingEvent(event);
    }
    onMessagingEvent({ type: "closed", error: (await connection.closed()) ?? undefined });
  };

  const dispatch = (handler: (message: Message) => void) => (error: Error | null, message: Msg) => {
    // The client calls back with an error when the server refuses the subscription, which is an event already.
    if (error !== null) return;
    try {
      handler(new NatsMessage(message));
    } catch (err) {
      log.error("message handler failed", { err, subject: message.subject });
    }
  };

  const checkSize = (bytes: number): void => {
    if (bytes > maxPayloadBytes) throw messagingErrors.tooLarge(bytes, maxPayloadBytes);
  };

  /** Returns what takes the message back if it waits. */
  const publish = (
    subject: string,
    payload: Uint8Array,
    options: PublishOptions = {},
  ): (() => void) | undefined => {
    const { reply, headers, onUnsent = tellUnsent } = options;
    const bytes = payload.byteLength + (headers === undefined ? 0 : headerBytes(headers));
    if (connection.isClosed()) throw messagingErrors.closed();
    checkSize(bytes);
    const natsOptions: NatsPublishOptions = {};
    if (reply !== undefined) natsOptions.reply = reply;
    if (headers !== undefined) natsOptions.headers = toNatsHeaders(headers);
    const send = (): void => {
      // Again: the connection may have come back to a server that takes less.
      checkSize(bytes);
      try {
        connection.publish(subject, payload, natsOptions);
      } catch (error) {
        throw toInferenceError(error);
      }
    };
    const message = { bytes, send, onUnsent };
    return outgoing.publish(message) ? () => outgoing.withdraw(message) : undefined;
  };

  const request: Messaging["request"] = async (subject, payload, { timeoutMs, signal, headers }) => {
    const limits = signal === undefined ? { timeoutMs } : { timeoutMs, signal };
    const answer = await inbox.ask(limits, (reply, onUnsent) =>
      publish(subject, payload, { reply, headers, onUnsent }),
    );
    if (answer.isNoResponders) throw messagingErrors.noResponders(subject);
    return answer;
  };

  const close = async (): Promise<void> => {
    try {
      // Draining needs the server: without it there is nothing to wait for.
      if (isConnected) await connection.drain();
      else await connection.close();
    } catch {
      // The connection was lost meanwhile, and with it what was to be drained.
      await connection.close();
    }
    await status;
  };

  const status = watchStatus();
  const answers = connection.subscribe(inbox.subject, {
    callback: dispatch((message) => inbox.dispatch(message)),
  });
  log.debug("inbox subscribed", { subject: answers.getSubject() });

  return {
    connectionId,
    get maxPayloadBytes() {
      return maxPayloadBytes;
    },
    get isConnected() {
      return isConnected;
    },
    get server() {
      return connection.getServer();
    },
    publish: (subject, payload, publishOptions) => void publish(subject, payload, publishOptions),
    subscribe(subject, handler, { queue } = {}) {
      const callback = dispatch(handler);
      try {
        return toSubscription(
          connection.subscribe(subject, queue === undefined ? { callback } : { callback, queue }),
        );
      } catch (error) {
        throw toInferenceError(error);
      }
    },
    request,
    publishWithReply: (subject, payload, { onReply, headers, onUnsent }) =>
      inbox.open(onReply, (reply) => publish(subject, payload, { reply, headers, onUnsent })),
    publishDurable(subject, payload, { timeoutMs, messageId }) {
      const headers = messageId === undefined ? {} : { headers: { "Nats-Msg-Id": messageId } };
      return publishToStream({ request }, { subject, payload, timeoutMs, ...headers });
    },
    async flush() {
      if (!isConnected) throw messagingErrors.disconnected();
      try {
        await connection.flush();
      } catch (error) {
        throw toInferenceError(error);
      }
    },
    keyValue: (bucket, bucketOptions) =>
      openKeyValue({
        ...bucketOptions,
        connection,
        messaging: { request, onEvent },
        bucket,
        clock,
        log,
        timeoutMs: options.jetStreamTimeoutMs,
      }),
    onEvent,
    close: () => (closing ??= close()),
    [Symbol.asyncDispose]: () => (closing ??= close()),
  };

  function onEvent(listener: (event: MessagingEvent) => void): Disposable {
    // A wrapper of its own lets one function listen twice.
    const entry = (event: MessagingEvent): void => listener(event);
    listeners.add(entry);
    return { [Symbol.dispose]: () => void listeners.delete(entry) };
  }
}

function toSubscription(subscription: NatsSubscription): Subscription {
  return {
    subject: subscription.getSubject(),
    unsubscribe: () => subscription.unsubscribe(),
    drain: () => subscription[Symbol.asyncDispose](),
  };
}
