import { parkedStreamMs, type Frame } from "@sluice/protocol";
import { linkSignals, type Clock } from "@sluice/runtime";

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
  /** Resolves once no stream is open, forgetting those that are silent: their next frames may go anywhere. Or once `signal` aborts. */
  whenQuiet(signal: AbortSignal): Promise<void>;
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
/**
 * In a drain: a stream that is silent for this long has a slow model or is parked, and 50 ms on the way of one frame to another
 * instance are nothing to it; or it goes on elsewhere already, or has died with its worker.
 */
const quietAfterMs = 1000;

/** Creates the list of open streams. A drain waits for those that are not silent; one that began after its caller was gone has a reader again. */
export function createOpenStreams(clock: Clock): OpenStreams {
  const open = new Map<string, OpenStream>();
  let sweptMs = clock.monotonicMs();
  let onEnded: (() => void) | undefined;

  const forgetSilent = (nowMs: number, silentMs: number): void => {
    for (const [key, { heardMs }] of open) if (nowMs - heardMs >= silentMs) open.delete(key);
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
      if (nowMs - sweptMs >= forgetAfterMs) forgetSilent(nowMs, forgetAfterMs);
      if (open.size < maxStreams) open.set(key, { beganMs: nowMs, heardMs: nowMs });
    },
    beganMs: (stream) => open.get(streamKey(stream))?.beganMs ?? -Infinity,
    end,
    get count() {
      return open.size;
    },
    async whenQuiet(signal) {
      for (;;) {
        forgetSilent(clock.monotonicMs(), quietAfterMs);
        if (open.size === 0 || signal.aborted) return;
        using wake = linkSignals(signal);
        onEnded = () => wake.abort("no stream is open");
        // Either way it is time to look again.
        await clock.sleep(quietAfterMs, wake.signal).catch(() => undefined);
      }
    },
  };
}

function streamKey({ reply, id }: StreamName): string {
  return `${reply} ${id}`;
}
