import type { Logger } from "./logger.ts";

/**
 * Where a service is in its life.
 *
 * - `starting`: from creation until it can take work. Live, not ready.
 * - `running`: takes work. Live and ready.
 * - `draining`: was asked to stop; finishes or gives back what it has, takes nothing new. Live, not ready.
 * - `stopped`: has given everything back. Final.
 * - `failed`: cannot go on; entered from any state but `stopped`. Not live. Final.
 */
export type ServiceState = "starting" | "running" | "draining" | "stopped" | "failed";

export interface StateChanged {
  readonly type: "stateChanged";
  readonly from: ServiceState;
  readonly to: ServiceState;
}

/** The state of one service and its only setter. */
export interface Lifecycle {
  readonly state: ServiceState;
  /**
   * Goes to `next`; going where it is already does nothing.
   * @throws {Error} when `next` cannot follow the present state: a mistake of the caller.
   */
  set(next: ServiceState): void;
}

export interface LifecycleOptions {
  readonly log: Logger;
  /** Name of the service, for the log line. */
  readonly service: string;
  readonly onEvent?: (event: StateChanged) => void;
}

const successors: Readonly<Record<ServiceState, readonly ServiceState[]>> = {
  starting: ["running", "draining", "stopped", "failed"],
  running: ["draining", "stopped", "failed"],
  draining: ["stopped", "failed"],
  stopped: [],
  failed: [],
};

/** Creates a lifecycle in `starting`. Every change is logged, then told to `onEvent`. */
export function createLifecycle({ log, service, onEvent }: LifecycleOptions): Lifecycle {
  let state: ServiceState = "starting";
  return {
    get state() {
      return state;
    },
    set(next) {
      if (next === state) return;
      if (!successors[state].includes(next)) throw new Error(`${service} cannot go from ${state} to ${next}`);
      const from = state;
      state = next;
      log.info("service state changed", { service, from, to: next });
      onEvent?.({ type: "stateChanged", from, to: next });
    },
  };
}
