import type { Message, Messaging, MessagingEvent } from "@sluice/messaging";
import { decodePoolEvent, InferenceError, subjects, type PoolEvent } from "@sluice/protocol";
import { createId } from "@sluice/runtime";
import type { CompiledOptions } from "./client-options.ts";
import { ModelChannel } from "./model-channel.ts";
import { createPoolDirectory } from "./pool-directory.ts";
import { createRetryBudget, type RetryBudget } from "./retry-budget.ts";
import type { Flushable, Session } from "./session.ts";

/** Most models whose reply subject stays subscribed without an open call: callers may name any model. */
const maxIdleChannels = 256;
/** Deadlines that lie closer together are checked together. */
const minCheckMs = 5;

/** All calls of one client: a channel for every model, one timer for all deadlines, and what is known of pools. */
export class Calls implements Session {
  readonly messaging: Messaging;
  readonly options: CompiledOptions;
  readonly pools = createPoolDirectory();
  readonly retryBudget: RetryBudget;
  readonly #connection = createId();
  readonly #channels = new Map<string, ModelChannel>();
  readonly #stopListening: () => void;
  /** What waits to be flushed. */
  #dirty: Flushable[] = [];
  #listeningSinceMs: number;
  #disconnectedMs = -Infinity;
  #flush: Disposable | undefined;
  #timer: { readonly handle: Disposable; readonly dueMs: number } | undefined;
  #channelCount = 0;
  #openCount = 0;
  #onIdle: (() => void) | undefined;
  #isClosed = false;

  constructor(messaging: Messaging, options: CompiledOptions) {
    this.messaging = messaging;
    this.options = options;
    this.retryBudget = createRetryBudget(options.retryRatio);
    this.#listeningSinceMs = this.nowMs();
    const events = messaging.subscribe(subjects.poolEventAll(), (message) => this.#hearPool(message));
    const listener = messaging.onEvent((event) => this.#onConnection(event));
    this.#stopListening = () => {
      events.unsubscribe();
      listener[Symbol.dispose]();
    };
  }

  get listeningSinceMs(): number {
    return this.#listeningSinceMs;
  }

  nowMs(): number {
    return this.options.clock.monotonicMs();
  }

  /**
   * The channel of a model; made when it is first called.
   * @throws {InferenceError} `invalidArgument` when the name is not a token, `canceled` when the client is closed.
   */
  channel(model: string): ModelChannel {
    if (this.#isClosed) throw new InferenceError("canceled", "the client is closed");
    let channel = this.#channels.get(model);
    if (channel === undefined) {
      if (this.#channels.size >= maxIdleChannels) this.#closeIdleChannel();
      const connection = `${this.#connection}-${(this.#channelCount++).toString(36)}`;
      channel = new ModelChannel({ model, connection, session: this });
      this.#channels.set(model, channel);
    }
    return channel;
  }

  callBegan(): void {
    this.#openCount++;
  }

  callEnded(): void {
    this.#openCount--;
    if (this.#openCount === 0) this.#onIdle?.();
  }

  scheduleFlush(channel: Flushable): void {
    if (this.#dirty.length === 0) this.#flush = this.options.clock.afterRead(() => this.#flushDirty());
    this.#dirty.push(channel);
  }

  /** Publishes what waits, now. */
  flush(): void {
    this.#flush?.[Symbol.dispose]();
    this.#flushDirty();
  }

  #flushDirty(): void {
    const dirty = this.#dirty;
    this.#dirty = [];
    for (const channel of dirty) channel.flush();
  }

  checkBy(dueMs: number): void {
    if (dueMs === Infinity || (this.#timer !== undefined && this.#timer.dueMs <= dueMs)) return;
    this.#timer?.handle[Symbol.dispose]();
    const delayMs = Math.max(minCheckMs, dueMs - this.nowMs());
    this.#timer = { handle: this.options.clock.schedule(delayMs, () => this.#check()), dueMs };
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Takes no further call, ends the streams with `error`, and resolves once every other call has its outcome. */
  drain(error: InferenceError): Promise<void> {
    this.#isClosed = true;
    for (const channel of this.#channels.values()) channel.cancelStreams(error);
    if (this.#openCount === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onIdle = resolve;
    });
  }

  /** Ends with `error` what is open, publishes the cancellations, lets go of every subscription and timer. */
  close(error: InferenceError): void {
    this.#isClosed = true;
    for (const channel of this.#channels.values()) channel.cancelAll(error);
    this.flush();
    for (const channel of this.#channels.values()) channel.close();
    this.#channels.clear();
    this.#timer?.handle[Symbol.dispose]();
    this.#stopListening();
  }

  #check(): void {
    this.#timer = undefined;
    const nowMs = this.nowMs();
    let dueMs = Infinity;
    for (const channel of this.#channels.values()) dueMs = Math.min(dueMs, channel.check(nowMs));
    this.checkBy(dueMs);
  }

  #closeIdleChannel(): void {
    for (const [model, channel] of this.#channels) {
      if (channel.openCount > 0) continue;
      channel.close();
      this.#channels.delete(model);
      return;
    }
  }

  #hearPool(message: Message): void {
    let event: PoolEvent;
    try {
      event = decodePoolEvent(message.payload);
    } catch (err) {
      this.options.onEvent({ type: "messageIgnored", subject: message.subject, err });
      return;
    }
    const lost = this.pools.hear(event, this.nowMs(), this.#listeningSinceMs);
    for (const model of lost) this.#channels.get(model)?.ownerLost();
    for (const { name } of event.models) this.#channels.get(name)?.announced();
  }

  #onConnection(event: MessagingEvent): void {
    switch (event.type) {
      case "disconnected":
        this.#disconnectedMs = this.nowMs();
        for (const channel of this.#channels.values()) channel.disconnected();
        this.options.onEvent({ type: "disconnected" });
        break;
      case "reconnected":
        this.#listeningSinceMs = this.nowMs();
        for (const channel of this.#channels.values()) channel.reconnected(this.#disconnectedMs);
        this.options.onEvent({ type: "reconnected" });
        break;
      case "permissionViolation":
        this.#refuse(event.subject);
        break;
      case "closed":
        this.#failAll(new InferenceError("unavailable", "the connection is closed", { cause: event.error }));
        break;
      case "slowConsumer":
        this.options.log.warn("messages were lost, the client reads too slowly", { subject: event.subject });
        break;
    }
  }

  #refuse(subject: string): void {
    const error = new InferenceError("permissionDenied", `the server does not allow the subject ${subject}`);
    for (const channel of this.#channels.values()) {
      if (subject === channel.inferSubject || subject === channel.replySubject) channel.failAll(error);
    }
  }

  #failAll(error: InferenceError): void {
    for (const channel of this.#channels.values()) channel.failAll(error);
  }
}
