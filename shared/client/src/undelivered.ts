import { InferenceError } from "@sluice/protocol";
import type { CallTable } from "./call-table.ts";
import type { ChannelOutbox } from "./channel-outbox.ts";
import type { OpenCall } from "./open-call.ts";
import { createOutage, type Outage } from "./outage.ts";
import { listenMs } from "./pool-directory.ts";
import type { Session } from "./session.ts";

/** Longest time for which a request that nobody takes is sent again. */
const maxOutageMs = 5000;
/** A 503 comes within a round trip: what was sent longer ago than this was delivered. */
const doubtMs = 2000;

export interface UndeliveredOptions {
  readonly model: string;
  readonly session: Session;
  /** The open calls of the model. */
  readonly calls: CallTable;
  /** Publishes again: a call under its id, and cancellations. */
  readonly outbox: Pick<ChannelOutbox, "add" | "cancelAgain">;
  readonly fail: (call: OpenCall, error: InferenceError) => void;
}

/**
 * What becomes of the requests of one model that the server could deliver to nobody. A 503 does not say which pack it is
 * about: every request that was sent a moment ago and is not answered is in doubt, and so are cancellations. Sending one again
 * that was delivered does no harm, since the owner drops a request that it has.
 */
export class Undelivered {
  readonly #options: UndeliveredOptions;
  readonly #outage: Outage;
  /** Whether the message that nobody took may have been a cancellation. */
  #areCancelsInDoubt = false;

  constructor(options: UndeliveredOptions) {
    this.#options = options;
    this.#outage = createOutage(options.session.options.random);
  }

  /** The server answered a pack with 503. */
  noResponders(): void {
    const { model, session, calls } = this.#options;
    const nowMs = session.nowMs();
    for (const call of calls.calls()) {
      const isRecent = call.state === "sent" && nowMs - call.sentMs <= doubtMs;
      if (isRecent && !call.reader.hasDelivered) call.isInDoubt = true;
    }
    this.#areCancelsInDoubt = true;
    this.#outage.hit(nowMs);
    if (!session.pools.isAnnounced(model, nowMs)) this.#outage.retryBy(session.listeningSinceMs + listenMs);
    else if (session.options.retries === 0) this.#outage.retryBy(nowMs);
    session.checkBy(this.check(nowMs));
  }

  /** A pool announces the model: what nobody took is sent again now. */
  announced(): void {
    if (this.#areCancelsInDoubt) this.#options.outbox.cancelAgain();
    this.#areCancelsInDoubt = false;
    if (this.#outage.retryAtMs !== Infinity) this.#resolve();
  }

  /** Does what is due; returns when to call it next. */
  check(nowMs: number): number {
    if (this.#outage.retryAtMs <= nowMs) this.#resolve();
    return this.#outage.retryAtMs;
  }

  #resolve(): void {
    const { model, session, calls, outbox, fail } = this.#options;
    this.#outage.begin();
    let requestCount = 0;
    for (const call of calls.calls()) {
      if (!call.isInDoubt) continue;
      call.isInDoubt = false;
      const error = undeliveredError(call, { model, outage: this.#outage, session });
      if (error !== undefined) {
        fail(call, error);
      } else {
        outbox.add(call);
        requestCount++;
      }
    }
    if (requestCount > 0) {
      session.options.onEvent({ type: "resent", model, reason: "noResponders", requestCount });
    }
  }
}

/**
 * Decides about a request that the server could deliver to nobody: the error to end it with, or `undefined` to send it again.
 *
 * - No pool announces the model, though all had time to: `notFound`, with the names there are.
 * - A pool announces it: sent again until min(timeout, 5 s), then `unavailable`; without retries at once.
 */
function undeliveredError(
  call: OpenCall,
  { model, outage, session }: { readonly model: string; readonly outage: Outage; readonly session: Session },
): InferenceError | undefined {
  const nowMs = session.nowMs();
  if (!session.pools.isAnnounced(model, nowMs)) {
    return nowMs - session.listeningSinceMs >= listenMs ? notFound(model, session) : undefined;
  }
  const waitedMs = nowMs - Math.max(outage.sinceMs, call.startedMs);
  const isOver = waitedMs >= Math.min(call.timeLimitMs - call.startedMs, maxOutageMs);
  return isOver || session.options.retries === 0 ? nobodyTakes(model) : undefined;
}

/** The error for a request that nobody took. */
export function nobodyTakes(model: string): InferenceError {
  return new InferenceError("unavailable", `nobody takes requests for model "${model}" at the moment`, {
    details: { reason: "noResponders" },
  });
}

/** The error for a request that is not sent again although its owner crashed. */
export function ownerLostError(model: string, call: OpenCall): InferenceError {
  const message = `the owner of model "${model}" was lost`;
  if (call.reader.hasDelivered) return new InferenceError("aborted", `${message}, start the call again`);
  return new InferenceError("unavailable", message, { details: { reason: "ownerLost" } });
}

function notFound(model: string, session: Session): InferenceError {
  const models = [...new Set(session.pools.models(session.nowMs()).map(({ name }) => name))];
  const served = models.length === 0 ? "no model is served" : `served are ${models.join(", ")}`;
  return new InferenceError("notFound", `no pool serves model "${model}", ${served}`, {
    details: { models },
  });
}
