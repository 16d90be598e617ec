import type { Frame } from "@sluice/protocol";
import type { Clock } from "@sluice/runtime";

import { fitFrames } from "./fit-frames.ts";
import type { PackSender, ResultFrames } from "./pack-sender.ts";
import type { FrameStream, StreamOutbox } from "./stream-outbox.ts";
import { createStreamOutbox } from "./stream-outbox.ts";

/** Brings frames to the results service. */
export interface Delivery {
  /**
   * Sends final frames after what is being read now, in as few packs as they fit: the credit that asks for the next batch leaves
   * then too, and both take one write.
   * @returns the frames that nobody acknowledged, normally none.
   */
  deliver(results: ResultFrames): Promise<readonly Frame[]>;
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
  readonly sender: Pick<PackSender, "send">;
  readonly maxPayloadBytes: () => number;
  readonly clock: Clock;
}

/** Creates the delivery. */
export function createDelivery({ sender, maxPayloadBytes, clock }: DeliveryOptions): Delivery {
  const outboxes = new Map<string, StreamOutbox>();

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

  return {
    deliver: (results) =>
      new Promise((resolve) => {
        clock.afterRead(() => resolve(send(results)));
      }),
    openStream: ({ model, version, id, onGone }) => {
      const key = `${model} ${version}`;
      const outbox =
        outboxes.get(key) ?? createStreamOutbox({ model, version, sender, maxPayloadBytes, clock });
      outboxes.set(key, outbox);
      return outbox.open(id, onGone);
    },
  };
}
