import type { Message, Messaging } from "../messaging.ts";

/** A server of its own for one test. Disposal closes what was connected to it, then the server. */
export interface ContractServer extends AsyncDisposable {
  /** Connects; `jetStreamTimeoutMs` is 500 so that tests need not wait long for what does not answer. */
  connect(): Promise<Messaging>;
  /** Breaks all connections and lets none come back. What JetStream stored stays. */
  interrupt(): Promise<void>;
  /** Ends {@link ContractServer.interrupt}; connections come back by themselves, to a server that takes what is said, else as much as before. */
  restore(options?: RestoreOptions): Promise<void>;
}

export interface RestoreOptions {
  readonly maxPayloadBytes?: number;
}

export type CreateServer = () => Promise<ContractServer>;

/** Takes messages as they come and gives them out one by one. */
export interface Mailbox {
  readonly all: readonly Message[];
  readonly handler: (message: Message) => void;
  /** The next message that was not given out, at once or when it comes. */
  next(): Promise<Message>;
}

export function createMailbox(): Mailbox {
  const all: Message[] = [];
  const waiters: ((message: Message) => void)[] = [];
  let readCount = 0;
  return {
    all,
    handler(message) {
      all.push(message);
      const waiter = waiters.shift();
      if (waiter === undefined) return;
      readCount++;
      waiter(message);
    },
    next() {
      const message = all[readCount];
      if (message === undefined) return new Promise((resolve) => waiters.push(resolve));
      readCount++;
      return Promise.resolve(message);
    },
  };
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export function bytesOf(text: string): Uint8Array {
  return encoder.encode(text);
}

export function textOf(message: { readonly payload: Uint8Array }): string {
  return decoder.decode(message.payload);
}

export function textsOf(messages: readonly Message[]): string[] {
  return messages.map(textOf);
}
