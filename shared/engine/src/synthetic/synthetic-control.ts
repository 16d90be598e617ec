/** Steers a synthetic engine from a test in the same process. */
export interface SyntheticControl {
  /** Lets runs compute but not end, from the one going on now, until {@link SyntheticControl.release}. */
  hold(): void;
  /** Ends the hold, and the hang of a run that met the fault `hang`. */
  release(): void;
  /** Lets the next `count` runs fail with `internal`. */
  failNext(count: number): void;
}

/** The engine's end of the control. */
export interface SyntheticSteering {
  readonly control: SyntheticControl;
  /** Whether this run is one of those that {@link SyntheticControl.failNext} asked for; counts it. */
  takeFailure(): boolean;
  /** Resolves when no hold is on; a run that `hangs` waits for a release in any case. */
  held(hangs: boolean): Promise<void>;
}

export function createSyntheticSteering(): SyntheticSteering {
  let isHeld = false;
  let failures = 0;
  let waiting: (() => void)[] = [];

  return {
    control: {
      hold() {
        isHeld = true;
      },
      release() {
        isHeld = false;
        const released = waiting;
        waiting = [];
        for (const resume of released) resume();
      },
      failNext(count) {
        failures = count;
      },
    },
    takeFailure() {
      if (failures === 0) return false;
      failures -= 1;
      return true;
    },
    async held(hangs) {
      if (isHeld || hangs) await new Promise<void>((resolve) => waiting.push(resolve));
    },
  };
}
