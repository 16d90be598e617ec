import type { Frame } from "@sluice/protocol";
import { cutBySize, errorFrame, frameBytes, limitError } from "@sluice/protocol";

/**
 * Cuts frames into packs that fit one message each. A frame that fits none becomes the error that says so: its caller
 * gets `resourceExhausted` with both sizes.
 */
export function fitFrames(frames: readonly Frame[], maxPayloadBytes: number): readonly (readonly Frame[])[] {
  const { packs, tooLarge } = cutBySize(frames, frameBytes, maxPayloadBytes);
  if (tooLarge.length === 0) return packs;
  const refusals = tooLarge.map((frame) => refusal(frame, maxPayloadBytes));
  return [...packs, ...cutBySize(refusals, frameBytes, maxPayloadBytes).packs];
}

function refusal(frame: Frame, maxPayloadBytes: number): Frame {
  const bytes = frameBytes(frame);
  const error = limitError(
    `the result takes ${bytes} bytes, the connection carries at most ${maxPayloadBytes} in a message`,
    { limit: "maxPayloadBytes", value: maxPayloadBytes, actual: bytes },
  );
  return { ...errorFrame(frame, frame, error), frame: frame.frame, timings: frame.timings };
}
