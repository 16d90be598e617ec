import type { Clock } from "./clock.ts";

/** One who waits. A class: V8 makes an object literal with a computed key in its runtime, and there is one for every message. */
class Waiting implements Disposable {
  /** `undefined` once it was disposed. */
  callback: (() => void) | undefined;

  constructor(callback: () => void) {
    this.callback = callback;
  }

  [Symbol.dispose](): void {
    this.callback = undefined;
  }
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
    const entry = new Waiting(callback);
    add(entry);
    return entry;
  };
}
