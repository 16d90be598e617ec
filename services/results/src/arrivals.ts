import type { Frame, ResultPack } from "@sluice/protocol";

/** A result pack that waits for its acknowledgement. */
export interface Arrival {
  /** Where the acknowledgement goes; "" if none is wanted. */
  readonly ackSubject: string;
  readonly receivedMs: number;
  /** Frames of it that are followed by more: the streams that its acknowledgement may end. */
  readonly streamed: Frame[];
  /** Set when a frame of it could not be passed on: not acknowledged, so sent again. */
  hasFailed: boolean;
}

/** Frames for one reply subject of one model, from whatever packs arrived together. */
export interface ReplyGroup {
  readonly reply: string;
  readonly model: string;
  readonly version: string;
  readonly frames: Frame[];
  readonly arrivals: Set<Arrival>;
}

/** What arrived in one read and was not passed on yet. */
export interface Arrivals {
  add(frame: Frame, from: { readonly pack: ResultPack; readonly arrival: Arrival }): void;
  /** Hands out the groups, in order of their first frame, and starts over. */
  take(): readonly ReplyGroup[];
}

/** Creates an empty collection of arrivals. */
export function createArrivals(): Arrivals {
  let groups = new Map<string, ReplyGroup>();

  return {
    add(frame, { pack: { model, version }, arrival }) {
      const key = `${frame.reply} ${model} ${version}`;
      let group = groups.get(key);
      if (group === undefined) {
        group = { reply: frame.reply, model, version, frames: [], arrivals: new Set() };
        groups.set(key, group);
      }
      group.frames.push(frame);
      group.arrivals.add(arrival);
    },
    take() {
      const taken = [...groups.values()];
      groups = new Map();
      return taken;
    },
  };
}
