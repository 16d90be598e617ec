import { backoffMs, type Random } from "@sluice/runtime";

/** The times of one model at which nobody took its requests. Time is an argument. */
export interface Outage {
  /** Takes note of a 503; plans the next try unless one is planned. */
  hit(nowMs: number): void;
  /** When to try again; `Infinity` when nothing is planned. */
  readonly retryAtMs: number;
  /** Plans the next try for `dueMs` at the latest. */
  retryBy(dueMs: number): void;
  /** The planned try begins. */
  begin(): void;
  /** When the outage began: its first 503. */
  readonly sinceMs: number;
}

/** First and longest wait between two tries: an owner that restarts is found within a second. */
const baseMs = 50;
const maxMs = 1000;
/** Tries follow each other by at most {@link maxMs}, so a 503 this long after the last one begins another outage. */
const quietMs = 3000;

/** Creates the record of a model that has not failed yet. */
export function createOutage(random: Random): Outage {
  let sinceMs = 0;
  let lastMs = -Infinity;
  let retryAtMs = Infinity;
  let tries = 0;
  return {
    hit(nowMs) {
      if (nowMs - lastMs > quietMs) {
        sinceMs = nowMs;
        tries = 0;
      }
      lastMs = nowMs;
      if (retryAtMs !== Infinity) return;
      retryAtMs = nowMs + backoffMs({ attempt: tries, baseMs, maxMs }, random);
      tries++;
    },
    get retryAtMs() {
      return retryAtMs;
    },
    retryBy(dueMs) {
      retryAtMs = Math.min(retryAtMs, dueMs);
    },
    begin() {
      retryAtMs = Infinity;
    },
    get sinceMs() {
      return sinceMs;
    },
  };
}
