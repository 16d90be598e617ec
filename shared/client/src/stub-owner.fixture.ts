import type { Messaging } from "@sluice/messaging";
import {
  decodeControl,
  decodeRequestPack,
  encodePoolEvent,
  encodeReplyPack,
  frameDefaults,
  queueGroups,
  subjects,
  tensorOf,
  type Control,
  type Frame,
  type InferenceRequest,
  type PoolEvent,
} from "@sluice/protocol";

/** A request as the stub received it. */
export interface ReceivedRequest extends InferenceRequest {
  readonly reply: string;
}

/** Stands for dispatcher, worker and results: takes requests of one model and answers what a test says. */
export interface StubOwner extends Disposable {
  readonly messaging: Messaging;
  readonly requests: readonly ReceivedRequest[];
  /** Requests of each message, in order of arrival. */
  readonly packSizes: readonly number[];
  readonly controls: readonly Control[];
  /** Resolves with request number `index`, once it is there. */
  request(index: number): Promise<ReceivedRequest>;
  /** Answers with one frame that carries `y`, unless `fields` say otherwise. */
  answer(request: ReceivedRequest, fields?: Partial<Frame>): void;
  /** Publishes `event.pool.<pool>`. */
  announce(fields?: Partial<PoolEvent>): void;
}

export interface StubOwnerOptions {
  readonly messaging: Messaging;
  readonly model?: string;
  /** Called with every request, e.g. to answer it. */
  readonly onRequest?: (request: ReceivedRequest, owner: StubOwner) => void;
}

export function createStubOwner({ messaging, model = "echo", onRequest }: StubOwnerOptions): StubOwner {
  const requests: ReceivedRequest[] = [];
  const packSizes: number[] = [];
  const controls: Control[] = [];
  const waiting = new Map<number, (request: ReceivedRequest) => void>();
  const subscriptions = [
    messaging.subscribe(
      subjects.inferAll(model),
      (message) => {
        const pack = decodeRequestPack(message.payload).requests.map((request) => ({
          ...request,
          reply: message.reply,
        }));
        packSizes.push(pack.length);
        for (const request of pack) {
          const index = requests.push(request) - 1;
          waiting.get(index)?.(request);
          onRequest?.(request, owner);
        }
      },
      { queue: queueGroups.owner },
    ),
    messaging.subscribe(
      subjects.cancelAll(model),
      (message) => {
        controls.push(decodeControl(message.payload));
      },
      { queue: queueGroups.owner },
    ),
  ];

  const owner: StubOwner = {
    messaging,
    requests,
    packSizes,
    controls,
    request(index) {
      const request = requests[index];
      if (request !== undefined) return Promise.resolve(request);
      return new Promise((resolve) => waiting.set(index, resolve));
    },
    answer({ id, reply }, fields = {}) {
      const { bytes, ...layout } = tensorOf("y", Float32Array.of(1, 2), [1, 2]);
      const frame: Frame = {
        ...frameDefaults,
        id,
        tenant: "acme",
        reply,
        epoch: 1,
        outputs: [layout],
        body: [bytes],
        ...fields,
      };
      messaging.publish(reply, encodeReplyPack({ model, version: "1", frames: [frame] }));
    },
    announce(fields = {}) {
      const event: PoolEvent = {
        pool: "cpu",
        epoch: 1,
        owner: "d1",
        state: "owned",
        models: [{ name: model, version: "1", workerCount: 1 }],
        ...fields,
      };
      messaging.publish(subjects.poolEvent(event.pool), encodePoolEvent(event));
    },
    [Symbol.dispose]() {
      for (const subscription of subscriptions) subscription.unsubscribe();
    },
  };
  return owner;
}
