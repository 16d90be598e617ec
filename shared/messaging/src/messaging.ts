import type { InferenceError } from "@sluice/protocol";

/** One message as it came from the server. `payload` is a view that must not be changed and is rarely aligned. */
export interface Message {
  readonly subject: string;
  readonly payload: Uint8Array;
  /** Where an answer goes; "" if none is wanted. */
  readonly reply: string;
  /**
   * The server's answer that nobody subscribes the subject of a publish with a reply subject (status 503). It comes to whatever
   * this connection subscribed for that reply subject: the inbox, or a subscription of its own. It does not name the subject.
   */
  readonly isNoResponders: boolean;
  /** Value of a header, "" if it is absent; case does not matter. */
  header(name: string): string;
}

export interface PublishOptions {
  readonly reply?: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /**
   * Told why a message that had waited for the connection could not be sent when that was back: `resourceExhausted` where the
   * server that it found takes no message of this size.
   */
  readonly onUnsent?: ((error: InferenceError) => void) | undefined;
}

export interface ReplyOptions extends Pick<PublishOptions, "headers" | "onUnsent"> {
  readonly onReply: (message: Message) => void;
}

export interface RequestOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface DurableOptions {
  readonly timeoutMs: number;
  /** A second message with the same id within the stream's window (2 minutes unless set otherwise) is not stored again. */
  readonly messageId?: string;
}

/** JetStream's acknowledgement: the message is stored. */
export interface DurableAck {
  readonly stream: string;
  readonly sequence: number;
  /** The stream had a message with this id: this one was not stored. */
  readonly isDuplicate: boolean;
}

export interface Subscription {
  readonly subject: string;
  /** Stops at once; messages not yet dispatched are dropped. */
  unsubscribe(): void;
  /** Stops the flow at the server, dispatches what was already on its way, then resolves. */
  drain(): Promise<void>;
}

/** What a connection tells its service. */
export type MessagingEvent =
  | { readonly type: "disconnected" }
  | { readonly type: "reconnected"; readonly server: string }
  | { readonly type: "slowConsumer"; readonly subject: string }
  | { readonly type: "permissionViolation"; readonly subject: string; readonly operation: string }
  | { readonly type: "closed"; readonly error: unknown };

export interface KeyValueEntry {
  readonly key: string;
  readonly value: Uint8Array;
  /** Number of the write that made it; what {@link KeyValue.update} compares. */
  readonly revision: number;
  readonly isDeleted: boolean;
}

/**
 * A JetStream key-value bucket. Every call rejects with `unavailable` when JetStream does not answer: `details.reason` is
 * `jetstreamUnavailable` when the server says at once that it is away, `timeout` when nothing comes.
 */
export interface KeyValue {
  /** `undefined` if the key was never written or is deleted. */
  get(key: string): Promise<KeyValueEntry | undefined>;
  put(key: string, value: Uint8Array): Promise<number>;
  /** Writes only if the key does not exist. Returns the revision, `undefined` if it exists. */
  create(key: string, value: Uint8Array): Promise<number | undefined>;
  /** Compare-and-set: writes only if `revision` is still the newest. Returns the new one, `undefined` if it lost. */
  update(key: string, value: Uint8Array, revision: number): Promise<number | undefined>;
  /** With a revision only if that is still the newest. Tells whether it did. */
  delete(key: string, revision?: number): Promise<boolean>;
  keys(): Promise<readonly string[]>;
  /**
   * Calls `onEntry` for every key there is, then for every change. Resolves once the present keys were told. After the connection
   * was lost and found again every key is told again, with the revision it has; a reader compares revisions.
   */
  watch(onEntry: (entry: KeyValueEntry) => void): Promise<KeyValueWatch>;
}

/** What a bucket is created with. */
export interface BucketOptions {
  /** Keys that were not written for so long are gone, without anybody being told; absent = they stay. */
  readonly maxAgeMs?: number;
}

export interface KeyValueWatch {
  stop(): void;
}

/**
 * One connection to NATS: the only door of Sluice to it. Delivery words are NATS's.
 * The in-memory twin in `@sluice/testing` passes the same contract suite (`@sluice/messaging/contract`).
 */
export interface Messaging extends AsyncDisposable {
  /** Unique for this connection; a valid subject token. */
  readonly connectionId: string;
  /** Largest payload the server takes, headers included. */
  readonly maxPayloadBytes: number;
  readonly isConnected: boolean;
  /** `host:port` of the server it is connected to. */
  readonly server: string;

  /**
   * Publishes; returns before it is sent, which is when the connection is back where it is lost. The payload must not be changed
   * afterwards.
   * @throws {InferenceError} `resourceExhausted` when it exceeds `maxPayloadBytes`; `unavailable` when the outgoing buffer is full or the connection is closed.
   */
  publish(subject: string, payload: Uint8Array, options?: PublishOptions): void;

  /** Calls `handler` for every message, in order. A handler that throws is logged; the subscription lives on. */
  subscribe(
    subject: string,
    handler: (message: Message) => void,
    options?: { readonly queue?: string },
  ): Subscription;

  /**
   * Publishes with a reply subject on this connection's one wildcard inbox and resolves with the first answer. What waits for the
   * connection is not sent any more once the request is over.
   * @throws {InferenceError} `unavailable` with `details.reason: "noResponders"` at once when nobody subscribes;
   * `deadlineExceeded` after `timeoutMs`; `canceled` when the signal aborts; whatever {@link PublishOptions.onUnsent} is told.
   */
  request(subject: string, payload: Uint8Array, options: RequestOptions): Promise<Message>;

  /**
   * Publishes with a reply subject on the same inbox and calls `onReply` for every answer, `isNoResponders` ones included,
   * until disposed; what waits for the connection is not sent any more then. For long polls and hot paths: no promise, no timer.
   */
  publishWithReply(subject: string, payload: Uint8Array, options: ReplyOptions): Disposable;

  /**
   * Publishes to a JetStream stream and resolves once the message is stored.
   * @throws {InferenceError} `unavailable` with `details.reason` `jetstreamUnavailable` when the server says so at once (no
   * stream takes the subject, or JetStream is away), `timeout` when nothing comes (it may be stored or not); `resourceExhausted`
   * when the stream is full.
   */
  publishDurable(subject: string, payload: Uint8Array, options: DurableOptions): Promise<DurableAck>;

  /** Resolves when the server has seen everything published and subscribed so far; rejects with `unavailable` when disconnected. */
  flush(): Promise<void>;

  /** Opens a bucket, creating it if needed (file storage, history 1). One that exists stays as it is. */
  keyValue(bucket: string, options?: BucketOptions): Promise<KeyValue>;

  /** Calls `listener` for every event until disposed. */
  onEvent(listener: (event: MessagingEvent) => void): Disposable;

  /** Drains all subscriptions, flushes, closes. Safe to call twice; disposal does the same. */
  close(): Promise<void>;
}
