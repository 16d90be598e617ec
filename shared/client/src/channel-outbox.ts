import type { Messaging } from "@sluice/messaging";
import {
  cutBySize,
  encodeControl,
  encodeRequestPack,
  InferenceError,
  limitError,
  requestBytes,
  type StreamWindow,
} from "@sluice/protocol";
import type { OpenCall } from "./open-call.ts";
import { createRecentCancels } from "./recent-cancels.ts";
import type { Flushable } from "./session.ts";

export interface ChannelOutboxOptions {
  readonly messaging: Messaging;
  readonly inferSubject: string;
  readonly cancelSubject: string;
  readonly replySubject: string;
  /** Has `flush` called at the end of the tick. */
  readonly schedule: (outbox: Flushable) => void;
  /** Monotonic time in milliseconds. */
  readonly nowMs: () => number;
  /** What services are not given of the time that a caller allows: its call is on its way for that long. */
  readonly allowanceMs: (timeoutMs: number) => number;
  /** Told which calls could not be published, and why. */
  readonly onRefused: (call: OpenCall, error: InferenceError) => void;
}

/** Ids of at most 64 bytes: far below the smallest `max_payload` in use. */
const maxControlIds = 1000;

/** Collects what one model is told in one tick: at most one pack of requests and one control message, cut where they are too large. */
export class ChannelOutbox implements Flushable {
  readonly #options: ChannelOutboxOptions;
  #calls: OpenCall[] = [];
  #cancels: string[] = [];
  readonly #recentCancels = createRecentCancels();
  #windows = new Map<string, number>();
  #isScheduled = false;

  constructor(options: ChannelOutboxOptions) {
    this.#options = options;
  }

  add(call: OpenCall): void {
    if (call.state === "queued" || call.state === "ended") return;
    call.state = "queued";
    call.retryAtMs = Infinity;
    this.#calls.push(call);
    this.#schedule();
  }

  cancel(id: string): void {
    this.#windows.delete(id);
    this.#cancels.push(id);
    this.#recentCancels.add(id, this.#options.nowMs());
    this.#schedule();
  }

  /** Says the last cancellations again: they may have reached nobody, or an owner that was lost with them. */
  cancelAgain(): void {
    const ids = this.#recentCancels.ids(this.#options.nowMs());
    if (ids.length === 0) return;
    this.#cancels = [...new Set([...this.#cancels, ...ids])];
    this.#schedule();
  }

  allow({ request: { id }, frameLimit }: OpenCall): void {
    this.#windows.set(id, frameLimit);
    this.#schedule();
  }

  flush(): void {
    this.#isScheduled = false;
    if (this.#calls.length > 0) this.#flushCalls();
    if (this.#cancels.length > 0 || this.#windows.size > 0) this.#flushControl();
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#options.schedule(this);
  }

  #flushCalls(): void {
    const { messaging, onRefused, allowanceMs } = this.#options;
    const nowMs = this.#options.nowMs();
    const calls = this.#calls.filter((call) => call.state === "queued");
    this.#calls = [];
    for (const call of calls) {
      // The timeout of a stream is for its first frame: a new owner is not told of time that no longer counts.
      call.request.queuedMs = call.reader.hasBegun ? 0 : Math.round(nowMs - call.startedMs);
      // Rounded down, so that the shortest timeout stays above 0, which would be none.
      call.request.timeoutMs = call.timeoutMs - Math.floor(allowanceMs(call.timeoutMs));
      call.sentMs = nowMs;
      call.state = "sent";
    }
    const { packs, tooLarge } = cutBySize(calls, callBytes, messaging.maxPayloadBytes);
    for (const pack of packs) this.#publish(pack);
    for (const call of tooLarge) onRefused(call, requestTooLarge(call, messaging.maxPayloadBytes));
  }

  #publish(pack: readonly OpenCall[]): void {
    const { messaging, inferSubject, replySubject, onRefused } = this.#options;
    const payload = this.#encode(pack);
    if (payload === undefined) return;
    try {
      messaging.publish(inferSubject, payload, {
        reply: replySubject,
        onUnsent: (error) => this.#onUnsent(pack, error),
      });
    } catch (thrown) {
      const error = InferenceError.from(thrown);
      for (const call of pack) onRefused(call, error);
      return;
    }
    for (const call of pack) call.onSent?.(call.request.id);
  }

  /**
   * The message of a pack. `undefined` where a caller has given the buffer of an input away, to another thread for example: then
   * each call is published by itself, so that the others do not suffer for it.
   */
  #encode(pack: readonly OpenCall[]): Uint8Array | undefined {
    try {
      return encodeRequestPack(pack.map((call) => call.request));
    } catch (cause) {
      if (pack.length > 1) for (const call of pack) this.#publish([call]);
      else for (const call of pack) this.#options.onRefused(call, unwritable(cause));
      return undefined;
    }
  }

  /** A pack that had waited for the connection could not be sent. Where it is too large now, it is cut anew: one of its calls may fit. */
  #onUnsent(pack: readonly OpenCall[], error: InferenceError): void {
    for (const call of pack) {
      if (call.state !== "sent") continue;
      if (error.code === "resourceExhausted") this.add(call);
      else this.#options.onRefused(call, error);
    }
  }

  #flushControl(): void {
    const cancels = this.#cancels;
    const windows = [...this.#windows].map(([id, frameLimit]) => ({ id, frameLimit }));
    this.#cancels = [];
    this.#windows = new Map();
    const length = Math.max(cancels.length, windows.length);
    for (let start = 0; start < length; start += maxControlIds) {
      const end = start + maxControlIds;
      this.#publishControl(cancels.slice(start, end), windows.slice(start, end));
    }
  }

  #publishControl(cancel: readonly string[], windows: readonly StreamWindow[]): void {
    const { messaging, cancelSubject, replySubject } = this.#options;
    try {
      // The reply subject tells the owner whose ids these are; it is not answered.
      const payload = encodeControl({ kind: "control", cancel, windows });
      messaging.publish(cancelSubject, payload, { reply: replySubject });
    } catch {
      // Lost like any message may be: the request runs to its end, the stream is parked and ends after 30 s.
    }
  }
}

function callBytes({ request }: OpenCall): number {
  return requestBytes(request);
}

function requestTooLarge({ request }: OpenCall, maxPayloadBytes: number): InferenceError {
  const bytes = requestBytes(request);
  return limitError(
    `the request takes up to ${bytes} bytes, expected less than a message of ${maxPayloadBytes} bytes`,
    { limit: "maxPayloadBytes", value: maxPayloadBytes, actual: bytes },
  );
}

function unwritable(cause: unknown): InferenceError {
  const message =
    "the request could not be written: the buffer of an input was given away before it was sent";
  return new InferenceError("invalidArgument", message, { cause });
}
