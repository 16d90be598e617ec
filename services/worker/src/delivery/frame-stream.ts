import type { Frame } from "@sluice/protocol";
import { windowFrames } from "@sluice/protocol";

import { fitFrames } from "./fit-frames.ts";
import type { PackSender } from "./pack-sender.ts";

/** Frames of one stream on their way, in order. */
export interface FrameStream {
  /** Sends a frame; what is pushed while an acknowledgement is awaited is packed together. */
  push(frame: Frame): void;
  /** Whether another frame may be pushed now; a full stream must be waited for. */
  readonly hasRoom: boolean;
  /** Resolves once everything pushed so far was acknowledged or given up; then there is room again. */
  settled(): Promise<void>;
  /** Whether frames were given up: nobody acknowledged them. */
  readonly isLost: boolean;
}

export interface FrameStreamOptions {
  readonly model: string;
  readonly version: string;
  readonly sender: PackSender;
  readonly maxPayloadBytes: () => number;
  /** Called with the ids that nobody listens to any more. */
  readonly onGone: (ids: readonly string[]) => void;
}

/** Most frames that wait for an acknowledgement: as many as a reader's window. */
const maxWaiting = windowFrames;

/** Opens a stream. All its frames go to the instance of the results service that took the first. */
export function openFrameStream(options: FrameStreamOptions): FrameStream {
  const { model, version, sender, maxPayloadBytes, onGone } = options;
  let waiting: Frame[] = [];
  let sending: Promise<void> | undefined;
  let instance = "";
  let isLost = false;

  const sendWaiting = async (): Promise<void> => {
    while (waiting.length > 0 && !isLost) {
      const packs = fitFrames(waiting, maxPayloadBytes());
      waiting = [];
      for (const frames of packs) {
        const ack = await sender.send({ model, version, frames }, instance);
        if (ack === undefined) {
          isLost = true;
          break;
        }
        ({ instance } = ack);
        if (ack.gone.length > 0) onGone(ack.gone);
      }
    }
    sending = undefined;
  };

  return {
    push: (frame) => {
      waiting.push(frame);
      sending ??= sendWaiting();
    },
    get hasRoom() {
      return waiting.length < maxWaiting;
    },
    settled: async () => {
      await sending;
    },
    get isLost() {
      return isLost;
    },
  };
}
