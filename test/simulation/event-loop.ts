import { createHeap } from "@sluice/scheduling";

/** The one clock of a simulation: it jumps from event to event, so simulated time costs nothing. */
export interface EventLoop {
  /** Simulated time in milliseconds, 0 at first. */
  readonly nowMs: number;
  /**
   * Has `action` happen at `timeMs`. Events of one instant happen in no particular order, which is the same in every run.
   * @throws {Error} for a time that has passed.
   */
  at(timeMs: number, action: () => void): void;
  /** Lets events happen, and what follows from them, until none is left. */
  run(): void;
}

interface Event {
  readonly timeMs: number;
  readonly action: () => void;
}

export function createEventLoop(): EventLoop {
  const events = createHeap<Event>((event) => event.timeMs);
  let nowMs = 0;

  return {
    get nowMs() {
      return nowMs;
    },
    at: (timeMs, action) => {
      if (!(timeMs >= nowMs)) throw new Error(`an event at ${timeMs} ms comes too late: it is ${nowMs} ms`);
      events.push({ timeMs, action });
    },
    run: () => {
      for (let event = events.pop(); event !== undefined; event = events.pop()) {
        nowMs = event.timeMs;
        event.action();
      }
    },
  };
}
