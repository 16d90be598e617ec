import type { Frame } from "@sluice/protocol";

/** Names a stream: ids are unique for their caller only. */
type StreamName = Pick<Frame, "reply" | "id">;

/** The streams whose next frames will come to this instance. */
export interface OpenStreams {
  /** Takes note of a frame that was passed on: a stream is open from its first frame to its final one. */
  follow(frame: StreamName & Pick<Frame, "final">): void;
  /** Takes note that `stream` goes on no further. */
  end(stream: StreamName): void;
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

  const end = (stream: StreamName): void => {
    if (open.size === 0) return;
    open.delete(streamKey(stream));
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

function streamKey({ reply, id }: StreamName): string {
  return `${reply} ${id}`;
}
