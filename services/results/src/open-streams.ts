import { parkedStreamMs, type Frame } from "@sluice/protocol";
import type { Clock } from "@sluice/runtime";

/** Names a stream: ids are unique for their caller only. */
type StreamName = Pick<Frame, "reply" | "id">;

/** The streams whose next frames will come to this instance. */
export interface OpenStreams {
  /** Takes note of a frame that was passed on: a stream is open from its first frame to its final one. */
  follow(frame: StreamName & Pick<Frame, "final">): void;
  /** When the first frame of `stream` came to this instance, on the monotonic clock; -Infinity if it is not open. */
  beganMs(stream: StreamName): number;
  /** Takes note that `stream` goes on no further. */
  end(stream: StreamName): void;
  readonly count: number;
  /** Resolves once no stream is open. */
  whenEnded(): Promise<void>;
}

interface OpenStream {
  readonly beganMs: number;
  /** When its newest frame came. */
  heardMs: number;
}

/** Bounds the memory; a stream above it is not waited for at shutdown, and ends when its caller was gone for a moment. */
const maxStreams = 65_536;
/**
 * A stream whose reader stops ends after {@link parkedStreamMs}, and its worker sends a frame again for 10 s: one that is silent
 * for this long has died with its worker, or goes on through another instance.
 */
const forgetAfterMs = 2 * parkedStreamMs;

/** Creates the list of open streams. A drain waits for them; one that began after its caller was gone has a reader again. */
export function createOpenStreams(clock: Clock): OpenStreams {
  const open = new Map<string, OpenStream>();
  let sweptMs = clock.monotonicMs();
  let onEnded: (() => void) | undefined;

  const forgetSilent = (nowMs: number): void => {
    for (const [key, { heardMs }] of open) if (nowMs - heardMs >= forgetAfterMs) open.delete(key);
    sweptMs = nowMs;
  };
  const end = (stream: StreamName): void => {
    if (open.size === 0) return;
    open.delete(streamKey(stream));
    if (open.size === 0) onEnded?.();
  };
  return {
    follow(frame) {
      if (frame.final) {
        end(frame);
        return;
      }
      const key = streamKey(frame);
      const nowMs = clock.monotonicMs();
      const known = open.get(key);
      if (known !== undefined) {
        known.heardMs = nowMs;
        return;
      }
      if (nowMs - sweptMs >= forgetAfterMs) forgetSilent(nowMs);
      if (open.size < maxStreams) open.set(key, { beganMs: nowMs, heardMs: nowMs });
    },
    beganMs: (stream) => open.get(streamKey(stream))?.beganMs ?? -Infinity,
    end,
    get count() {
      return open.size;
    },
    whenEnded() {
      forgetSilent(clock.monotonicMs());
      if (open.size === 0) return Promise.resolve();
      return new Promise((resolve) => {
        onEnded = resolve;
      });
    },
  };
}

function streamKey({ reply, id }: StreamName): string {
  return `${reply} ${id}`;
}
