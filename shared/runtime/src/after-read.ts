import type { Clock } from "./clock.ts";

interface Waiting {
  /** `undefined` once it was disposed. */
  callback: (() => void) | undefined;
}

/**
 * Creates the `afterRead` of a clock: all who wait are called in their order, in one go, so that what they publish leaves in one
 * write, such as a worker's results and its next credit. Who asks meanwhile waits for the next read.
 */
export function createAfterRead(): Clock["afterRead"] {
  let waiting: Waiting[] = [];

  const add = (entry: Waiting): void => {
    if (waiting.length === 0) setImmediate(callAll);
    waiting.push(entry);
  };

  const callAll = (): void => {
    const due = waiting;
    waiting = [];
    let calledCount = 0;
    try {
      for (const entry of due) {
        calledCount += 1;
        entry.callback?.();
      }
    } finally {
      // There are some only when one threw, which is not theirs to suffer for.
      for (const entry of due.slice(calledCount)) add(entry);
    }
  };

  return (callback) => {
    const entry: Waiting = { callback };
    add(entry);
    return {
      [Symbol.dispose]: () => {
        entry.callback = undefined;
      },
    };
  };
}
