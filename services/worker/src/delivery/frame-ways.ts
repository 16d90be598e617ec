import type { Frame } from "@sluice/protocol";
import { checkReplySubject, isInbox } from "@sluice/protocol";

/** Frames of one caller. */
export interface CallerFrames {
  readonly reply: string;
  readonly frames: readonly Frame[];
}

/** Which way the final frames of a batch go. */
export interface FrameWays {
  /** Straight to their callers. */
  readonly straight: readonly CallerFrames[];
  /** To the results service. */
  readonly routed: readonly Frame[];
}

/**
 * Chooses the way of final frames. Those of SDKs go straight: the results service would publish the same message again. It gets
 * what must take another form, and what plain NATS callers are answered, who do not drop what comes twice.
 */
export function frameWays(frames: readonly Frame[]): FrameWays {
  const callers = new Map<string, Frame[]>();
  const routed: Frame[] = [];
  for (const frame of frames) {
    const known = callers.get(frame.reply);
    if (!mayGoStraight(frame)) routed.push(frame);
    else if (known !== undefined) known.push(frame);
    else callers.set(frame.reply, [frame]);
  }
  return { straight: Array.from(callers, ([reply, own]) => ({ reply, frames: own })), routed };
}

function mayGoStraight({ accept, reply, tenant }: Frame): boolean {
  return accept === "msgpack" && !isInbox(reply) && checkReplySubject(reply, tenant);
}
