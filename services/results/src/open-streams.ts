import type { Frame } from "@sluice/protocol";

/** The streams whose next frames will come to this instance. */
export interface OpenStreams {
  /** Takes note of a frame that was passed on: a stream is open from its first frame to its final one. */
  follow(frame: Frame): void;
  /** Takes note that the stream of `frame` goes on no further. */
  end(frame: Frame): void;
  readonly count: number;
  /** Resolves once no stream is open. */
  whenEnded(): Promise<void>;
}

/** Bounds the memory; a stream above it is only not waited for at shutdown. */
const maxStreams = 65_536;

/** Creates the list of open streams; it matters only to a drain, which waits for them. */
export function createOpenStreams(): OpenStreams {
  const open = new Set<string>();
  let onEnded: (() => void) | undefined;

  const end = (frame: Frame): void => {
    if (open.size === 0) return;
    open.delete(streamKey(frame));
    if (open.size === 0) onEnded?.();
  };
  return {
    follow(frame) {
      if (frame.final) end(frame);
      else if (open.size < maxStreams) open.add(streamKey(frame));
    },
    end,
    get count() {
      return open.size;
    },
    whenEnded() {
      if (open.size === 0) return Promise.resolve();
      return new Promise((resolve) => {
        onEnded = resolve;
      });
    },
  };
}

function streamKey({ reply, id }: Frame): string {
  return `${reply} ${id}`;
}
