import { InferenceError } from "@sluice/protocol";

/** Keeps an engine to one run at a time. */
export interface RunQueue {
  /**
   * Starts `work` once every run before it has ended, at once when there is none; a failed run does not hold the next one up.
   * Rejects with `unavailable` after {@link RunQueue.close} was called.
   */
  run<T>(work: () => Promise<T>): Promise<T>;
  /** Refuses new runs, waits for those accepted, then calls `release`, once: later calls wait for the same end. */
  close(release: () => Promise<void>): Promise<void>;
}

/** @param name whose runs these are, for the refusal's message. */
export function createRunQueue(name: string): RunQueue {
  const waiting: (() => void)[] = [];
  let isBusy = false;
  let closing: Promise<void> | undefined;

  function turn(): Promise<void> | undefined {
    if (isBusy) return new Promise((resolve) => waiting.push(resolve));
    isBusy = true;
    return undefined;
  }

  function leave(): void {
    const next = waiting.shift();
    if (next === undefined) isBusy = false;
    else next();
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
      closing ??= inTurn(release);
      return closing;
    },
  };
}
