import type { Messaging } from "@sluice/messaging";
import type { Frame } from "@sluice/protocol";
import { decodeReplyPack, encodeReplyPack } from "@sluice/protocol";
import type { Clock } from "@sluice/runtime";

import type { WorkerEvent } from "../worker-event.ts";
import { fitFrames } from "./fit-frames.ts";
import { frameWays } from "./frame-ways.ts";
import type { PackSender, ResultFrames } from "./pack-sender.ts";
import { createStraightPublisher } from "./straight-publisher.ts";
import type { FrameStream, StreamOutbox } from "./stream-outbox.ts";
import { createStreamOutbox } from "./stream-outbox.ts";

/** Brings frames to their callers, by themselves or through the results service. */
export interface Delivery extends Disposable {
  /** Whether results leave fast enough for more work. */
  readonly hasRoom: boolean;
  /**
   * Sends final frames after what is being read now, in as few packs as they fit: the credit that asks for the next batch leaves
   * then too, and both take one write.
   * @returns the frames that nobody acknowledged, normally none. Those that go straight to their callers are not waited for.
   */
  deliver(results: ResultFrames): Promise<readonly Frame[]>;
  /** Publishes what is to go straight to its callers now: it must be on its way before a report that says so. */
  publishDue(): void;
  /** Opens the stream of a request. */
  openStream(options: OpenStreamOptions): FrameStream;
}

export interface OpenStreamOptions {
  readonly model: string;
  readonly version: string;
  /** Id of the request. */
  readonly id: string;
  /** Called when nobody listens to it any more. */
  readonly onGone: () => void;
}

export interface DeliveryOptions {
  readonly sender: Pick<PackSender, "send" | "pendingCount">;
  readonly messaging: Messaging;
  readonly clock: Clock;
  /** Packs that the results service may have to acknowledge before there is no room. */
  readonly maxPendingPacks: number;
  /** Called when there may be room again. */
  readonly onRoom: () => void;
  readonly onEvent: (event: WorkerEvent) => void;
}

/** Creates the delivery. */
export function createDelivery(options: DeliveryOptions): Delivery {
  const { sender, messaging, clock, onEvent } = options;
  const outboxes = new Map<string, StreamOutbox>();
  const maxPayloadBytes = (): number => messaging.maxPayloadBytes;

  const send = async ({ model, version, frames }: ResultFrames): Promise<readonly Frame[]> => {
    const limitBytes = maxPayloadBytes();
    const lost = await Promise.all(
      fitFrames(frames, limitBytes).map(async (pack) => {
        const ack = await sender.send({ model, version, frames: pack }, "");
        if (ack !== undefined) return [];
        // The connection came back to a server that takes less: the frames may fit once they are cut anew.
        return maxPayloadBytes() < limitBytes ? send({ model, version, frames: pack }) : pack;
      }),
    );
    return lost.flat();
  };

  /** What leaves for its callers after this read. */
  let due: { readonly reply: string; readonly results: ResultFrames }[] = [];

  const straight = createStraightPublisher({
    messaging,
    clock,
    // It never rejects; what is lost there is an event.
    onUnsent: ({ payload }) => void send(decodeReplyPack(payload)),
    onRoom: options.onRoom,
  });

  const publishDue = (): void => {
    const leaving = due;
    due = [];
    for (const { reply, results } of leaving) publish(reply, results);
  };

  const publish = (reply: string, { model, version, frames }: ResultFrames): void => {
    for (const pack of fitFrames(frames, maxPayloadBytes())) {
      const results = { model, version, frames: pack };
      try {
        straight.publish({ reply, payload: encodeReplyPack(results) });
        onEvent({ type: "packPublished", frameCount: pack.length });
      } catch {
        // The connection takes nothing now: the sender tries again.
        void send(results);
      }
    }
  };

  return {
    get hasRoom() {
      return straight.hasRoom && sender.pendingCount < options.maxPendingPacks;
    },
    deliver: async ({ model, version, frames }) => {
      // Without a connection the sender knows when to try again, and when to give up.
      const ways = messaging.isConnected ? frameWays(frames) : { straight: [], routed: frames };
      if (ways.straight.length > 0 && due.length === 0) clock.afterRead(publishDue);
      for (const { reply, frames: own } of ways.straight) {
        due.push({ reply, results: { model, version, frames: own } });
      }
      if (ways.routed.length === 0) return [];
      return new Promise((resolve) => {
        clock.afterRead(() => resolve(send({ model, version, frames: ways.routed })));
      });
    },
    publishDue,
    openStream: ({ model, version, id, onGone }) => {
      const key = `${model} ${version}`;
      const outbox =
        outboxes.get(key) ?? createStreamOutbox({ model, version, sender, maxPayloadBytes, clock });
      outboxes.set(key, outbox);
      return outbox.open(id, onGone);
    },
    [Symbol.dispose]: () => straight[Symbol.dispose](),
  };
}
