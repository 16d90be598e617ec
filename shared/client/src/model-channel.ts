import { subjects, type Frame, type InferenceError } from "@sluice/protocol";
import { CallTable } from "./call-table.ts";
import { ChannelOutbox } from "./channel-outbox.ts";
import type { ClientEvent } from "./client-event.ts";
import { expiredError } from "./expired-error.ts";
import { LayoutCache } from "./layout-cache.ts";
import { canOutliveConnection, connectionLostError } from "./lost-connection.ts";
import { errorOf, type OpenCall } from "./open-call.ts";
import { noteFrame, planReminder } from "./open-stream.ts";
import { ReplyInbox } from "./reply-inbox.ts";
import type { FrameOrigin } from "./result.ts";
import { retryDelayMs } from "./retry.ts";
import { listenMs } from "./pool-directory.ts";
import type { Session } from "./session.ts";
import { createThrottle, throttledError, type Throttle } from "./throttle.ts";
import { createTransit, type Transit } from "./transit.ts";
import { ownerLostError, Undelivered } from "./undelivered.ts";

export interface ModelChannelOptions {
  readonly model: string;
  /** Token of the reply subject, of this channel only; the ids of its requests begin with it. */
  readonly connection: string;
  readonly session: Session;
}

/**
 * The open calls of one model and the reply subject they share. The server answers 503 on that subject when nobody takes a
 * pack, without saying which; a subject for every model tells at least whose it is.
 */
export class ModelChannel {
  readonly inferSubject: string;
  readonly replySubject: string;
  readonly layouts = new LayoutCache();
  readonly #model: string;
  readonly #session: Session;
  readonly #calls: CallTable;
  readonly #inbox: ReplyInbox;
  readonly #outbox: ChannelOutbox;
  readonly #undelivered: Undelivered;
  readonly #throttle: Throttle;
  readonly #transit: Transit = createTransit();

  /** @throws {InferenceError} `invalidArgument` when the model's name is not a token. */
  constructor({ model, connection, session }: ModelChannelOptions) {
    const { messaging, options } = session;
    this.#model = model;
    this.#session = session;
    this.inferSubject = subjects.infer(model, options.tenant);
    this.replySubject = subjects.reply(options.tenant, connection);
    this.#calls = new CallTable(`${connection}-`);
    this.#throttle = createThrottle(options.random);
    this.#outbox = new ChannelOutbox({
      messaging,
      inferSubject: this.inferSubject,
      cancelSubject: subjects.cancel(model, options.tenant),
      replySubject: this.replySubject,
      schedule: (outbox) => session.scheduleFlush(outbox),
      nowMs: () => session.nowMs(),
      allowanceMs: this.#transit.allowanceMs,
      onRefused: (call, error) => this.#refuse(call, error),
    });
    this.#undelivered = new Undelivered({
      model,
      session,
      calls: this.#calls,
      outbox: this.#outbox,
      fail: (call, error) => this.#fail(call, error),
    });
    this.#inbox = new ReplyInbox({
      model,
      replySubject: this.replySubject,
      session,
      calls: this.#calls,
      onFrame: (call, frame, origin) => this.#take(call, frame, origin),
      onNoResponders: () => this.#undelivered.noResponders(),
    });
  }

  get openCount(): number {
    return this.#calls.size;
  }

  /** Takes a call on: its request gets an id and leaves with the next pack, unless most are refused at the moment. */
  add(call: OpenCall): void {
    this.#calls.add(call);
    this.#session.callBegan();
    if (this.#session.options.throttle && this.#throttle.refuses(call.startedMs)) {
      this.#emit({ type: "throttled", model: this.#model });
      this.#fail(call, throttledError(this.#model));
      return;
    }
    this.#session.retryBudget.earn();
    this.#outbox.add(call);
    this.#session.checkBy(call.deadlineMs);
  }

  /** Gives a call up: its caller gets `error`, its run is cancelled. */
  cancel(call: OpenCall, error: InferenceError): void {
    if (call.state === "ended") return;
    if (call.sentMs > -Infinity) this.#outbox.cancel(call.request.id);
    this.#fail(call, error);
  }

  cancelAll(error: InferenceError): void {
    for (const call of this.#calls.calls()) this.cancel(call, error);
  }

  /** Streams only. */
  cancelStreams(error: InferenceError): void {
    for (const call of this.#calls.calls()) {
      if (call.request.stream) this.cancel(call, error);
    }
  }

  failAll(error: InferenceError): void {
    for (const call of this.#calls.calls()) this.#fail(call, error);
  }

  /** Tells the worker that the reader of a stream has room for frames below `frameLimit`. */
  allow(call: OpenCall, frameLimit: number): void {
    call.frameLimit = frameLimit;
    if (call.state !== "ended") this.#tellWindow(call);
  }

  /** The pool's owner crashed with what it held: sends every open request again, under its id; without retries these calls end. */
  ownerLost(): void {
    this.#outbox.cancelAgain();
    if (this.#session.options.retries === 0) {
      // The news is late for a connection that has just come: what it sent may be with the new owner.
      const sinceMs = this.#session.listeningSinceMs;
      const untilMs = this.#session.nowMs() - sinceMs < listenMs ? sinceMs : Infinity;
      for (const call of this.#sentCalls())
        if (call.sentMs < untilMs) this.cancel(call, ownerLostError(this.#model, call));
      return;
    }
    const sent = this.#sentCalls();
    for (const call of sent) {
      this.#outbox.add(call);
      if (call.frameLimit > 0) this.#outbox.allow(call);
    }
    this.#tellResent("ownerLost", sent.length);
  }

  /** The connection is lost: streams that have begun end, everything else waits for it until its time is over. */
  disconnected(): void {
    for (const call of this.#calls.calls()) {
      if (canOutliveConnection(call, this.#session.options)) this.#session.checkBy(call.deadlineMs);
      else this.cancel(call, connectionLostError());
    }
  }

  /**
   * The connection is back: answers to what was sent before `disconnectedMs` may have passed meanwhile. Sends these requests
   * again under new ids, since a results service that answered one drops the same run as a duplicate.
   */
  reconnected(disconnectedMs: number): void {
    const nowMs = this.#session.nowMs();
    const lost: OpenCall[] = [];
    for (const call of this.#sentCalls()) {
      // It was kept in this process and leaves only now: a 503 that comes next may be about it.
      if (call.sentMs > disconnectedMs) call.sentMs = nowMs;
      else lost.push(call);
    }
    if (this.#session.options.retries === 0) return;
    for (const call of lost) {
      this.#outbox.cancel(call.request.id);
      this.#renew(call);
      this.#outbox.add(call);
    }
    this.#tellResent("reconnected", lost.length);
  }

  /** A pool announces the model: what nobody took is sent again now. */
  announced(): void {
    this.#undelivered.announced();
  }

  /** Does what is due; returns when to call it next. */
  check(nowMs: number): number {
    let dueMs = this.#undelivered.check(nowMs);
    for (const call of this.#calls.calls()) {
      if (call.deadlineMs <= nowMs) this.#expire(call);
      else if (call.state === "waiting" && call.retryAtMs <= nowMs) this.#outbox.add(call);
      else if (call.remindAtMs <= nowMs) this.#tellWindow(call);
      if (call.state !== "ended") dueMs = Math.min(dueMs, call.deadlineMs, call.retryAtMs, call.remindAtMs);
    }
    return dueMs;
  }

  close(): void {
    this.#outbox.flush();
    this.#inbox.close();
  }

  #tellWindow(call: OpenCall): void {
    this.#outbox.allow(call);
    planReminder(call, this.#session.nowMs());
    this.#session.checkBy(call.remindAtMs);
  }

  #take(call: OpenCall, frame: Frame, origin: FrameOrigin): void {
    if (frame.final) this.#noteAnswer(call, frame, origin);
    if (frame.final && frame.code !== "ok" && this.#retry(call, errorOf(frame))) return;
    const taken = call.reader.take(frame, origin, origin.receivedMs - call.startedMs);
    switch (taken) {
      case "open":
        this.#session.checkBy(noteFrame(call, origin.receivedMs));
        break;
      case "ended":
        this.#end(call);
        break;
      case "abandoned":
        this.#outbox.cancel(frame.id);
        this.#end(call);
        break;
      case "olderRun":
      case "duplicate":
        this.#emit({ type: "frameIgnored", model: this.#model, id: frame.id, reason: taken });
        break;
    }
  }

  #noteAnswer({ request, sentMs }: OpenCall, { code, timings }: Frame, { receivedMs }: FrameOrigin): void {
    // What is refused as it comes has no timings. A stream ends when its reader lets it.
    const servedMs = Math.max(0, timings.totalMs - request.queuedMs);
    if (!request.stream) this.#transit.note(receivedMs - sentMs - servedMs);
    if (code === "unavailable") this.#throttle.refused(receivedMs);
    else this.#throttle.accepted(receivedMs);
  }

  /** Plans another try of a call that was refused before it ran; false if there is to be none. */
  #retry(call: OpenCall, error: InferenceError | undefined): boolean {
    if (error?.retryable !== true) return false;
    const nowMs = this.#session.nowMs();
    const delayMs = retryDelayMs(call, error, { ...this.#session.options, nowMs });
    if (delayMs === undefined) return false;
    if (!this.#session.retryBudget.take()) {
      this.#emit({ type: "retryWithheld", model: this.#model, id: call.request.id, code: error.code });
      return false;
    }

    this.#renew(call);
    call.retryCount++;
    call.state = "waiting";
    call.retryAtMs = nowMs + delayMs;
    this.#session.checkBy(call.retryAtMs);
    const { retryCount, request } = call;
    const { code } = error;
    this.#emit({ type: "retried", model: this.#model, id: request.id, retryCount, code, delayMs });
    return true;
  }

  /** Makes another request of the call: one that was answered must not share its id with the next. */
  #renew(call: OpenCall): void {
    this.#calls.remove(call);
    this.#calls.add(call);
    call.reader.restart();
    call.deadlineMs = call.timeLimitMs;
    call.sentMs = -Infinity;
    call.isInDoubt = false;
  }

  #sentCalls(): readonly OpenCall[] {
    return this.#calls.calls().filter((call) => call.state === "sent");
  }

  #tellResent(reason: "ownerLost" | "reconnected", requestCount: number): void {
    if (requestCount > 0) this.#emit({ type: "resent", model: this.#model, reason, requestCount });
  }

  #refuse(call: OpenCall, error: InferenceError): void {
    if (this.#retry(call, error)) return;
    this.#fail(call, error);
  }

  #expire(call: OpenCall): void {
    const { isConnected } = this.#session.messaging;
    const error = expiredError(call, { model: this.#model, isConnected });
    // Services know when a request is late, but a stream's timeout is for its first frame only.
    if (call.request.stream) this.cancel(call, error);
    else this.#fail(call, error);
  }

  #fail(call: OpenCall, error: InferenceError): void {
    this.#end(call);
    call.reader.fail(error);
  }

  #end(call: OpenCall): void {
    this.#calls.remove(call);
    call.state = "ended";
    call.unlink?.();
    this.#session.callEnded();
  }

  #emit(event: ClientEvent): void {
    this.#session.options.onEvent(event);
  }
}
