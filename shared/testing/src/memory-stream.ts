import type { Envelope } from "./memory-message.ts";
import { matchesSubject } from "./subject-match.ts";

export interface MemoryStreamOptions {
  readonly name: string;
  /** Subjects it takes; may hold wildcards. */
  readonly subjects: readonly string[];
  /** Most messages it holds; a further one is refused. Default: no bound. */
  readonly maxMessages?: number;
  /** Most messages a subject keeps; older ones go. Default: no bound. */
  readonly maxMessagesPerSubject?: number;
}

export interface StoredMessage {
  readonly sequence: number;
  readonly subject: string;
  readonly payload: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
}

/** Answer to a publish, as JetStream writes it. */
export type PubAck =
  | { readonly stream: string; readonly seq: number; readonly duplicate?: true }
  | { readonly error: { readonly code: number; readonly err_code: number; readonly description: string } };

/** As much of a JetStream stream as Sluice relies on: bounds, message ids (kept for ever) and compare-and-set. */
export interface MemoryStream {
  /** Oldest first. */
  readonly messages: readonly StoredMessage[];
  takes(subject: string): boolean;
  append(envelope: Envelope): PubAck;
  last(subject: string): StoredMessage | undefined;
  /** Calls `listener` for every message that is stored from now on. */
  onAppend(listener: (message: StoredMessage) => void): Disposable;
  /** Forgets everything and counts from 1 again, like a server's that lost its store. */
  lose(): void;
}

export function createMemoryStream(options: MemoryStreamOptions): MemoryStream {
  const { name, subjects, maxMessages = Infinity, maxMessagesPerSubject = Infinity } = options;
  const messages: StoredMessage[] = [];
  const sequenceById = new Map<string, number>();
  const listeners = new Set<(message: StoredMessage) => void>();
  let lastSequence = 0;

  const last = (subject: string): StoredMessage | undefined =>
    messages.findLast((message) => message.subject === subject);

  const evict = (subject: string): void => {
    const kept = messages.filter((message) => message.subject === subject);
    if (kept.length <= maxMessagesPerSubject) return;
    messages.splice(
      messages.findIndex((message) => message.subject === subject),
      1,
    );
  };

  return {
    messages,
    lose() {
      messages.length = 0;
      sequenceById.clear();
      lastSequence = 0;
    },
    takes: (subject) => subjects.some((pattern) => matchesSubject(pattern, subject)),
    append({ subject, payload, headers }) {
      const id = headers["Nats-Msg-Id"];
      const duplicateOf = id === undefined ? undefined : sequenceById.get(id);
      if (duplicateOf !== undefined) return { stream: name, seq: duplicateOf, duplicate: true };
      const expected = headers["Nats-Expected-Last-Subject-Sequence"];
      const actual = last(subject)?.sequence ?? 0;
      if (expected !== undefined && Number(expected) !== actual) {
        return { error: { code: 400, err_code: 10071, description: `wrong last sequence: ${actual}` } };
      }
      if (messages.length >= maxMessages) {
        return { error: { code: 503, err_code: 10077, description: "maximum messages exceeded" } };
      }
      const message = { sequence: ++lastSequence, subject, payload, headers };
      messages.push(message);
      if (id !== undefined) sequenceById.set(id, message.sequence);
      evict(subject);
      for (const listener of listeners) listener(message);
      return { stream: name, seq: message.sequence };
    },
    last,
    onAppend(listener) {
      listeners.add(listener);
      return { [Symbol.dispose]: () => void listeners.delete(listener) };
    },
  };
}
