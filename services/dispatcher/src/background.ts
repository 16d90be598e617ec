/** Work that runs beside the main line and has an owner: whoever created this awaits it before it ends. */
export interface Background {
  /** Starts work; what it rejects with goes to `onError`. */
  start(work: () => Promise<void>): void;
  /** Resolves once nothing runs. */
  settled(): Promise<void>;
}

export function createBackground(onError: (error: unknown) => void): Background {
  const running = new Set<Promise<void>>();

  const guard = async (work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      onError(error);
    }
  };

  return {
    start: (work) => {
      const promise = guard(work).finally(() => running.delete(promise));
      running.add(promise);
    },
    settled: async () => {
      while (running.size > 0) await Promise.all(running);
    },
  };
}
