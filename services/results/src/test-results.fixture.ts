import type { Message, Messaging } from "@sluice/messaging";
import {
  decodeReplyPack,
  decodeResultsAck,
  encodeResultPack,
  subjects,
  type Frame,
  type ResultsAck,
} from "@sluice/protocol";
import { silentLogger, type StateChanged } from "@sluice/runtime";
import {
  collectEvents,
  createFakeClock,
  createMemoryNats,
  type EventCollector,
  type FakeClock,
  type MemoryNats,
} from "@sluice/testing";
import type { ResultsEvent } from "./results-event.ts";
import { createResults, type Results } from "./results.ts";

/** Whoever waits for frames on one reply subject. */
export interface TestCaller {
  readonly messages: readonly Message[];
  readonly frames: readonly Frame[];
  leave(): void;
}

/** Instance `r1` on an in-memory server with a fake clock, and a worker that sends to it. */
export interface TestResults extends AsyncDisposable {
  readonly results: Results;
  readonly messaging: Messaging;
  readonly worker: Messaging;
  readonly nats: MemoryNats;
  readonly clock: FakeClock;
  readonly events: EventCollector<ResultsEvent | StateChanged>;
  /** Settles as `run` does. */
  readonly ended: Promise<void>;
  /** Resolves once it runs. */
  start(): Promise<void>;
  stop(): void;
  caller(reply: string): TestCaller;
  /** Sends one pack of model `echo` and resolves with its acknowledgement. */
  send(frames: readonly Frame[], options?: SendOptions): Promise<ResultsAck>;
}

export interface SendOptions {
  /** "" (the default): any instance. */
  readonly instance?: string;
  /** "" (the default): never a duplicate. */
  readonly packId?: string;
}

export interface TestResultsOptions {
  readonly graceMs?: number;
  readonly maxPayloadBytes?: number;
}

export function createTestResults({ graceMs = 1000, maxPayloadBytes }: TestResultsOptions = {}): TestResults {
  const clock = createFakeClock();
  const nats = createMemoryNats({ clock, ...(maxPayloadBytes === undefined ? {} : { maxPayloadBytes }) });
  const messaging = nats.connect();
  const worker = nats.connect();
  const events = collectEvents<ResultsEvent | StateChanged>();
  const shutdown = new AbortController();
  const results = createResults({
    instance: "r1",
    graceMs,
    messaging,
    clock,
    log: silentLogger,
    onEvent: events.onEvent,
  });
  let ended: Promise<void> = Promise.resolve();
  return {
    results,
    messaging,
    worker,
    nats,
    clock,
    events,
    get ended() {
      return ended;
    },
    async start() {
      ended = results.run(shutdown.signal);
      await events.next("stateChanged");
    },
    stop: () => shutdown.abort(),
    caller(reply) {
      const messages: Message[] = [];
      const frames: Frame[] = [];
      const subscription = nats.connect().subscribe(reply, (message) => {
        messages.push(message);
        if (message.header("Content-Type") === "") frames.push(...decodeReplyPack(message.payload).frames);
      });
      return { messages, frames, leave: () => subscription.unsubscribe() };
    },
    async send(frames, { instance = "", packId = "" } = {}) {
      const subject = instance === "" ? subjects.results() : subjects.resultsInstance(instance);
      const payload = encodeResultPack({ worker: "w1", packId, model: "echo", version: "1", frames });
      const answer = await worker.request(subject, payload, { timeoutMs: 250 });
      return decodeResultsAck(answer.payload);
    },
    async [Symbol.asyncDispose]() {
      shutdown.abort();
      await clock.advance(graceMs);
      await Promise.allSettled([ended]);
    },
  };
}
