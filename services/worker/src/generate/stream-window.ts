/** How many frames of a stream may be sent. Grows as its reader says so. */
export interface StreamWindow {
  /** Whether the frame of this number may be sent. */
  allows(frame: number): boolean;
  /** Allows frames with a number below `frameLimit`; never takes back. */
  allow(frameLimit: number): void;
  /** Resolves once the frame of this number may be sent. @throws the signal's reason once it aborts. */
  waitFor(frame: number, signal: AbortSignal): Promise<void>;
}

/** Creates a window. @param initialLimit - Infinity for a reader without one */
export function createStreamWindow(initialLimit: number): StreamWindow {
  let limit = initialLimit;
  let waiting: { readonly frame: number; readonly open: () => void } | undefined;
  return {
    allows: (frame) => frame < limit,
    allow: (frameLimit) => {
      limit = Math.max(limit, frameLimit);
      if (waiting !== undefined && waiting.frame < limit) waiting.open();
    },
    waitFor: async (frame, signal) => {
      signal.throwIfAborted();
      if (frame < limit) return;
      await new Promise<void>((resolve, reject) => {
        const onAbort = (): void => {
          waiting = undefined;
          reject(signal.reason);
        };
        const open = (): void => {
          waiting = undefined;
          signal.removeEventListener("abort", onAbort);
          resolve();
        };
        signal.addEventListener("abort", onAbort, { once: true });
        waiting = { frame, open };
      });
    },
  };
}
