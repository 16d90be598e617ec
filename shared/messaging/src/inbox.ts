import type { InferenceError } from "@sluice/protocol";
import { FleetingMap, type Clock } from "@sluice/runtime";
import { messagingErrors } from "./messaging-error.ts";
import type { Message, RequestOptions } from "./messaging.ts";

/** The answers of one connection: every open question has a token under one wildcard subject. */
export interface Inbox extends Disposable {
  /** What the connection subscribes. */
  readonly subject: string;
  /** Hands an answer to whoever asked; answers to closed questions are dropped. */
  dispatch(message: Message): void;
  /**
   * Opens a question without end; `onReply` gets every answer until it is disposed.
   * @throws what `send` throws, and nothing is open then.
   */
  open(onReply: (message: Message) => void, send: SendQuestion): Disposable;
  /** Opens a question that ends with the first answer, at `timeoutMs`, or when the signal aborts. */
  ask(options: Pick<RequestOptions, "timeoutMs" | "signal">, send: SendQuestion): Promise<Message>;
}

/**
 * Sends a question: given are its reply subject, and whom to tell when it turns out later that it cannot be sent. Where it waits for
 * the connection, what is returned takes it back: one that is over is not sent any more, since what it asks for may not be meant any
 * more, and nobody reads the answer.
 */
type SendQuestion = (reply: string, onUnsent: (error: InferenceError) => void) => (() => void) | undefined;

/** A class: V8 makes an object literal with a computed key in its runtime, and there is a question for every batch. */
class OpenQuestion implements Disposable {
  readonly #close: () => void;

  constructor(close: () => void) {
    this.#close = close;
  }

  [Symbol.dispose](): void {
    this.#close();
  }
}

interface Question {
  readonly onReply: (message: Message) => void;
  /** When it ends without an answer, on the monotonic clock. */
  readonly deadlineMs: number;
  readonly fail: (error: InferenceError) => void;
}

/** A sweep looks at every open question, so sweeps keep this distance; a timeout can come late by as much. */
const minSweepIntervalMs = 10;

const noDeadline = Infinity;

/**
 * Creates the inbox of a connection under `prefix`, such as `_INBOX.<connectionId>`. All timeouts share one timer: it is set to the earliest deadline, and most
 * questions are answered before it fires. Disposal fails the open questions with `unavailable`.
 */
export function createInbox(prefix: string, clock: Clock): Inbox {
  const questions = new FleetingMap<string, Question>();
  const tokenStart = prefix.length + 1;
  let lastToken = 0;
  let sweep: { readonly atMs: number; readonly timer: Disposable } | undefined;

  const add = (question: Question): string => {
    const token = (++lastToken).toString(36);
    questions.set(token, question);
    return token;
  };

  const sweepBy = (atMs: number): void => {
    if (sweep !== undefined && sweep.atMs <= atMs) return;
    sweep?.timer[Symbol.dispose]();
    sweep = { atMs, timer: clock.schedule(Math.max(0, atMs - clock.monotonicMs()), runSweep) };
  };

  const runSweep = (): void => {
    sweep = undefined;
    const nowMs = clock.monotonicMs();
    let nextMs = noDeadline;
    for (const question of questions.values()) {
      if (question.deadlineMs > nowMs) {
        nextMs = Math.min(nextMs, question.deadlineMs);
        continue;
      }
      question.fail(messagingErrors.timeout());
    }
    if (nextMs !== noDeadline) sweepBy(Math.max(nextMs, nowMs + minSweepIntervalMs));
  };

  return {
    subject: `${prefix}.*`,
    dispatch(message) {
      questions.get(message.subject.slice(tokenStart))?.onReply(message);
    },
    open(onReply, send) {
      const token = add({ onReply, deadlineMs: noDeadline, fail: () => undefined });
      try {
        const withdraw = send(`${prefix}.${token}`, () => undefined);
        return new OpenQuestion(() => {
          questions.delete(token);
          withdraw?.();
        });
      } catch (error) {
        questions.delete(token);
        throw error;
      }
    },
    ask({ timeoutMs, signal }, send) {
      return new Promise((resolve, reject) => {
        if (signal?.aborted === true) {
          reject(messagingErrors.canceled(signal?.reason));
          return;
        }
        const end = (): void => {
          questions.delete(token);
          signal?.removeEventListener("abort", onAbort);
          if (questions.size === 0) {
            sweep?.timer[Symbol.dispose]();
            sweep = undefined;
          }
        };
        let withdraw: (() => void) | undefined;
        const fail = (error: InferenceError): void => {
          end();
          withdraw?.();
          reject(error);
        };
        const onAbort = (): void => fail(messagingErrors.canceled(signal?.reason));
        const deadlineMs = clock.monotonicMs() + timeoutMs;
        const token = add({
          deadlineMs,
          onReply(message) {
            end();
            resolve(message);
          },
          fail,
        });
        signal?.addEventListener("abort", onAbort, { once: true });
        try {
          withdraw = send(`${prefix}.${token}`, fail);
        } catch (error) {
          end();
          reject(error);
          return;
        }
        sweepBy(deadlineMs);
      });
    },
    [Symbol.dispose]() {
      sweep?.timer[Symbol.dispose]();
      sweep = undefined;
      for (const question of questions.values()) question.fail(messagingErrors.closed());
      questions.clear();
    },
  };
}
