/** Time as the rest of Sluice sees it. Decisions get numbers; loops get a `Clock`; tests get a fake one. */
export interface Clock {
  /** Wall time in milliseconds since 1970; for people and the wire only, never for durations. */
  nowMs(): number;
  /** Milliseconds since some fixed point of this process, with fractions; never goes back. */
  monotonicMs(): number;
  /** Resolves after `delayMs`, or rejects with the signal's reason once it aborts. Leaves no timer behind either way. */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
  /** Calls `callback` once after `delayMs`, unless disposed before. */
  schedule(delayMs: number, callback: () => void): Disposable;
  /** Calls `callback` every `intervalMs` until disposed. */
  every(intervalMs: number, callback: () => void): Disposable;
  /**
   * Calls `callback` after the input that is being read now was dispatched; coalesces what arrives together. All that wait are
   * called in one go, in their order.
   */
  afterRead(callback: () => void): Disposable;
}
