import { InferenceError } from "@sluice/protocol";

/** Keeps the runs of an engine in order. */
export interface RunQueue {
  /**
   * Starts `work` once few enough of the runs before it are open; a failed run does not hold the next one up.
   * Rejects with `unavailable` after {@link RunQueue.close} was called.
   */
  run<T>(work: () => Promise<T>): Promise<T>;
  /** Refuses new runs, waits for all those accepted, then calls `release`, once: later calls wait for the same end. */
  close(release: () => Promise<void>): Promise<void>;
}

export interface RunQueueOptions {
  /** Runs that may be open at the same time; default 1. */
  readonly maxOpen?: number;
}

/** @param name whose runs these are, for the refusal's message. */
export function createRunQueue(name: string, { maxOpen = 1 }: RunQueueOptions = {}): RunQueue {
  const waiting: (() => void)[] = [];
  let openCount = 0;
  let closing: Promise<void> | undefined;
  let onIdle: (() => void) | undefined;

  function turn(): Promise<void> | undefined {
    if (openCount >= maxOpen) return new Promise((resolve) => waiting.push(resolve));
    openCount += 1;
    return undefined;
  }

  function leave(): void {
    const next = waiting.shift();
    if (next !== undefined) {
      next();
      return;
    }
    openCount -= 1;
    if (openCount === 0) onIdle?.();
  }

  async function whenIdle(release: () => Promise<void>): Promise<void> {
    if (openCount > 0) await new Promise<void>((resolve) => (onIdle = resolve));
    await release();
  }

  async function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const wait = turn();
    if (wait !== undefined) await wait;
    try {
      return await work();
    } finally {
      leave();
    }
  }

  return {
    run(work) {
      if (closing !== undefined) {
        return Promise.reject(new InferenceError("unavailable", `engine ${name} is closed`));
      }
      return inTurn(work);
    },
    close(release) {
      closing ??= whenIdle(release);
      return closing;
    },
  };
}
