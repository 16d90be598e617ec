import type { Messaging } from "@sluice/messaging";
import {
  decodeCreditAnswer,
  decodePoolEvent,
  decodeWorkMessage,
  encodeCredit,
  encodeHeartbeat,
  encodeWorkerProfile,
  encodeWorkRefusal,
  heartbeatIntervalMs,
  subjects,
  type BatchDone,
  type RunName,
  type Control,
  type Credit,
  type CreditAnswer,
  type ModelLatency,
  type ModelSignature,
  type PoolEvent,
  type WorkBatch,
} from "@sluice/protocol";
import type { Clock } from "@sluice/runtime";
import { aSignature } from "@sluice/testing";

type NamedRun = string | RunName;

/** What a worker says of a batch that is done; a run by its id alone, as some workers name it, or with its caller. */
export interface DoneFields extends Partial<Omit<BatchDone, "returned" | "failed" | "unrun">> {
  readonly returned?: readonly NamedRun[];
  readonly failed?: readonly NamedRun[];
  readonly unrun?: readonly NamedRun[];
}

function toName(run: NamedRun): RunName {
  return typeof run === "string" ? { id: run, reply: "" } : run;
}

/** A worker that does only what a test tells it. */
export interface StubWorker extends Disposable {
  readonly name: string;
  readonly batches: readonly WorkBatch[];
  readonly controls: readonly Control[];
  readonly answers: readonly CreditAnswer[];
  readonly events: readonly PoolEvent[];
  /** Ids that its heartbeats list. */
  readonly listed: Set<string>;
  /** What its heartbeats say that batches have cost so far, by their ids. */
  readonly costsMs: Map<string, number>;
  /** Newest epoch of an owner that it says it has heard of. */
  epoch: number;
  /** Newest batch. @throws when there is none. */
  readonly batch: WorkBatch;
  profile(): void;
  credit(fields?: Partial<Credit>): void;
  /** Reports a batch that ended, on a credit that asks for nothing. */
  done(batchId: string, fields?: DoneFields): void;
  /** Refuses batches from now on. */
  refuse(reason: string): void;
  /** Stops listening for work: the server answers 503 for it. */
  deafen(): void;
  /** Stops its heartbeats. */
  silence(): void;
}

export interface StubWorkerOptions {
  readonly messaging: Messaging;
  readonly clock: Clock;
  readonly name?: string;
  readonly pool?: string;
  readonly models?: readonly ModelSignature[];
  /** What it says it has measured; default: nothing. */
  readonly latencies?: readonly ModelLatency[];
  /** Whether heartbeats list the batches it gets; default true. */
  readonly lists?: boolean;
}

export function createStubWorker(options: StubWorkerOptions): StubWorker {
  const { messaging, clock, name = "w1", pool = "gpu", models = [aSignature()], lists = true } = options;
  const { latencies = [] } = options;
  const batches: WorkBatch[] = [];
  const controls: Control[] = [];
  const answers: CreditAnswer[] = [];
  const events: PoolEvent[] = [];
  const listed = new Set<string>();
  const costsMs = new Map<string, number>();
  let creditCount = 0;
  let refusal: string | undefined;

  const beat = (): void => {
    const batchIds = [...listed];
    messaging.publish(
      subjects.heartbeat(pool, name),
      encodeHeartbeat({
        worker: name,
        epoch: worker.epoch,
        state: "running",
        batchIds,
        costsMs: batchIds.map((batchId) => costsMs.get(batchId) ?? 0),
      }),
    );
  };

  const work = messaging.subscribe(subjects.workAll(name), (message) => {
    const content = decodeWorkMessage(message.payload);
    if (content.kind === "control") {
      controls.push(content);
    } else if (refusal === undefined) {
      batches.push(content);
      if (lists) listed.add(content.batchId);
    } else {
      const { batchId } = content;
      messaging.publish(message.reply, encodeWorkRefusal({ batchId, reason: refusal }));
    }
  });
  const profile = (): void =>
    messaging.publish(
      subjects.profile(pool, name),
      encodeWorkerProfile({ worker: name, device: "test", models, latencies }),
    );
  messaging.subscribe(subjects.poolEvent(pool), (message) => {
    const event = decodePoolEvent(message.payload);
    if (event.epoch !== events.at(-1)?.epoch) profile();
    events.push(event);
  });
  const credit = (fields: Partial<Credit> = {}): void => {
    creditCount += 1;
    const content: Credit = {
      creditId: `${name}-${creditCount}`,
      worker: name,
      epoch: 0,
      models: models.map((model) => model.name),
      freeInMs: 0,
      capacity: 8,
      done: [],
      ...fields,
    };
    messaging.publishWithReply(subjects.credit(pool), encodeCredit(content), {
      onReply: (message) => {
        if (!message.isNoResponders) answers.push(decodeCreditAnswer(message.payload));
      },
    });
  };
  const worker: StubWorker = {
    name,
    epoch: 0,
    batches,
    controls,
    answers,
    events,
    listed,
    costsMs,
    get batch() {
      const batch = batches.at(-1);
      if (batch === undefined) throw new Error(`${name} got no batch`);
      return batch;
    },
    profile,
    credit,
    done: (batchId, { returned = [], failed = [], unrun = [], ...fields } = {}) => {
      listed.delete(batchId);
      credit({
        models: [],
        capacity: 0,
        done: [
          {
            batchId,
            costMs: 1,
            uselessMs: 0,
            agoMs: 0,
            ...fields,
            returned: returned.map(toName),
            failed: failed.map(toName),
            unrun: unrun.map(toName),
          },
        ],
      });
    },
    refuse: (reason) => {
      refusal = reason;
    },
    deafen: () => work.unsubscribe(),
    silence: () => beats[Symbol.dispose](),
    [Symbol.dispose]: () => beats[Symbol.dispose](),
  };
  const beats = clock.every(heartbeatIntervalMs, beat);
  beat();
  profile();
  return worker;
}

/** Ids of a batch's requests, in order. */
export function idsOf(batch: WorkBatch): string[] {
  return batch.requests.map((request) => request.id);
}
