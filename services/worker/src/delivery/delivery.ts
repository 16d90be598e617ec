import type { Frame } from "@sluice/protocol";

import { fitFrames } from "./fit-frames.ts";
import type { FrameStream } from "./frame-stream.ts";
import { openFrameStream } from "./frame-stream.ts";
import type { PackSender, ResultFrames } from "./pack-sender.ts";

/** Brings frames to the results service. */
export interface Delivery {
  /** Packs on their way; the worker asks for no more work while there are too many. */
  readonly pendingCount: number;
  /**
   * Sends final frames, in as few packs as they fit.
   * @returns the frames that nobody acknowledged, normally none.
   */
  deliver(results: ResultFrames): Promise<readonly Frame[]>;
  /** Opens a stream. @param onGone - called with the ids that nobody listens to any more */
  openStream(
    model: { readonly name: string; readonly version: string },
    onGone: (ids: readonly string[]) => void,
  ): FrameStream;
}

export interface DeliveryOptions {
  readonly sender: PackSender;
  readonly maxPayloadBytes: () => number;
  /** Called when a pack is no longer on its way. */
  readonly onSettled: () => void;
}

/** Creates the delivery. */
export function createDelivery({ sender, maxPayloadBytes, onSettled }: DeliveryOptions): Delivery {
  let pendingCount = 0;

  const counted: PackSender = {
    send: async (pack, instance) => {
      pendingCount += 1;
      const ack = await sender.send(pack, instance);
      pendingCount -= 1;
      onSettled();
      return ack;
    },
  };

  return {
    get pendingCount() {
      return pendingCount;
    },
    deliver: async ({ model, version, frames }) => {
      const packs = fitFrames(frames, maxPayloadBytes());
      const lost = await Promise.all(
        packs.map(async (pack) => {
          const ack = await counted.send({ model, version, frames: pack }, "");
          return ack === undefined ? pack : [];
        }),
      );
      return lost.flat();
    },
    openStream: ({ name, version }, onGone) =>
      openFrameStream({ model: name, version, sender: counted, maxPayloadBytes, onGone }),
  };
}
