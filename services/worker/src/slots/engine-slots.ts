import type { Engine } from "@sluice/engine";
import { InferenceError } from "@sluice/protocol";

import type { Forecast, SlotUse } from "./forecast.ts";
import { forecast } from "./forecast.ts";
import type { GivenRun } from "./given-run.ts";

/** The right to use one slot and one engine, until disposed. */
export interface EngineLease extends Disposable {
  readonly engine: Engine;
  /** Whether it had to be waited for: then it began when an engine and a slot became free. */
  readonly isAwaited: boolean;
  /** The last run of whoever passed the engine on, which may still be going on; `undefined` where the engine was free. */
  readonly before: GivenRun | undefined;
  /** Whether somebody has found the engine broken. */
  readonly isRetired: boolean;
  /** Notes when the lease will probably end, on the monotonic clock; until then nobody knows. */
  expectEnd(atMs: number): void;
  /** Lets the next for the same engine begin behind the last run of this lease, now or when he comes before that has ended. */
  passOn(last: GivenRun): void;
  /** Notes that the engine is broken: it is not leased again. */
  retire(): void;
}

/**
 * The engines of a worker and its slots: how many batches run at the same time. Whoever wants to run waits here for
 * both; first come, first served among those that can run.
 */
export interface EngineSlots {
  /** Adds an engine of a model. */
  add(model: string, engine: Engine): void;
  /**
   * Waits for a free slot and a free engine of `model`.
   * @throws the signal's reason once it aborts while waiting.
   * @throws {InferenceError} `unavailable` when the model has no engine, or loses its last one meanwhile.
   */
  acquire(model: string, signal: AbortSignal): Promise<EngineLease>;
  /** When the next engine of a model will probably be free, on the monotonic clock; Infinity while nobody knows. */
  freeMs(model: string): number;
  /** What is free, or will be within `withinMs`, and not yet promised to somebody who waits. */
  forecast(nowMs: number, withinMs: number): Forecast;
}

export interface EngineSlotsOptions {
  /** Most leases at the same time. */
  readonly slotCount: number;
  /** How many batches more each engine of a model may have before it, see {@link forecast}. Default: none. */
  readonly ahead?: ReadonlyMap<string, number>;
  /** Called after each change: a lease began or ended, its end became known, an engine came or went. */
  readonly onChange: () => void;
  /** Called when a broken engine of a model was taken out. */
  readonly onRetired: (model: string) => void;
}

/** An engine with nobody on it, or with the last run of somebody. */
interface FreeEngine {
  readonly engine: Engine;
  readonly before: GivenRun | undefined;
}

/** What the slots do for a lease. */
interface LeaseActions {
  isRetired(engine: Engine): boolean;
  retire(engine: Engine): void;
  passOn(lease: Lease, last: GivenRun): void;
  changed(): void;
  end(lease: Lease): void;
}

/** A class, which V8 lays out once: an object literal with a getter is a hash table, and there is a lease for every batch. */
class Lease implements EngineLease, SlotUse {
  readonly model: string;
  readonly engine: Engine;
  readonly isAwaited: boolean;
  readonly before: GivenRun | undefined;
  expectedEndMs = Infinity;
  /** Set once the next may begin. */
  passedOn: FreeEngine | undefined;
  readonly #actions: LeaseActions;

  constructor(
    { engine, before }: FreeEngine,
    { model, isAwaited }: { readonly model: string; readonly isAwaited: boolean },
    actions: LeaseActions,
  ) {
    this.model = model;
    this.engine = engine;
    this.isAwaited = isAwaited;
    this.before = before;
    this.#actions = actions;
  }

  get isRetired(): boolean {
    return this.#actions.isRetired(this.engine);
  }

  expectEnd(atMs: number): void {
    this.expectedEndMs = atMs;
    this.#actions.changed();
  }

  passOn(last: GivenRun): void {
    this.#actions.passOn(this, last);
  }

  retire(): void {
    this.passedOn = undefined;
    this.#actions.retire(this.engine);
  }

  [Symbol.dispose](): void {
    this.#actions.end(this);
  }
}

interface Waiting {
  readonly model: string;
  readonly grant: (free: FreeEngine) => void;
  readonly refuse: (reason: unknown) => void;
}

/** Creates the slots, all free, without engines. */
export function createEngineSlots(options: EngineSlotsOptions): EngineSlots {
  const { slotCount, ahead = new Map<string, number>(), onChange, onRetired } = options;
  const free = new Map<string, Engine[]>();
  const uses = new Set<Lease>();
  const retired = new WeakSet<Engine>();
  let waiting: Waiting[] = [];

  /** The engine of a use that is about to end: whoever takes it takes the place of that use. */
  const takeOver = (model: string): FreeEngine | undefined => {
    for (const use of uses) {
      if (use.model !== model || use.passedOn === undefined) continue;
      uses.delete(use);
      return use.passedOn;
    }
    return undefined;
  };

  const grantWaiting = (): void => {
    for (const candidate of waiting) {
      if (uses.size >= slotCount) return;
      const engine = free.get(candidate.model)?.pop();
      if (engine === undefined) continue;
      leave(candidate);
      candidate.grant({ engine, before: undefined });
    }
  };

  const has = (model: string): boolean => {
    const isIdle = (free.get(model)?.length ?? 0) > 0;
    return isIdle || [...uses].some((use) => use.model === model);
  };

  const leave = (candidate: Waiting): void => {
    waiting = waiting.filter((other) => other !== candidate);
  };

  /** Sends away whoever waits for a model that lost its last engine. */
  const refuseWaiting = (model: string): void => {
    if (has(model)) return;
    for (const candidate of waiting) if (candidate.model === model) candidate.refuse(noEngine(model));
  };

  const actions: LeaseActions = {
    isRetired: (engine) => retired.has(engine),
    retire: (engine) => retired.add(engine),
    changed: onChange,
    passOn: (lease, last) => {
      const { model, engine } = lease;
      if (retired.has(engine)) return;
      lease.passedOn = { engine, before: last };
      // Others may wait longer for the slot.
      const [next] = waiting;
      if (next?.model !== model) return;
      leave(next);
      uses.delete(lease);
      next.grant(lease.passedOn);
      onChange();
    },
    end: (lease) => {
      if (!uses.delete(lease)) return;
      const { model, engine } = lease;
      const isRetired = retired.has(engine);
      if (!isRetired) free.get(model)?.push(engine);
      else refuseWaiting(model);
      grantWaiting();
      onChange();
      if (isRetired) onRetired(model);
    },
  };

  const lease = (model: string, given: FreeEngine, options: { readonly isAwaited: boolean }): Lease => {
    const made = new Lease(given, { model, isAwaited: options.isAwaited }, actions);
    uses.add(made);
    return made;
  };

  return {
    add: (model, engine) => {
      const engines = free.get(model);
      if (engines === undefined) free.set(model, [engine]);
      else engines.push(engine);
      grantWaiting();
      onChange();
    },
    acquire: (model, signal) =>
      new Promise((resolve, reject) => {
        if (signal.aborted || !has(model)) {
          reject(signal.aborted ? signal.reason : noEngine(model));
          return;
        }
        // Nobody waits for an engine that is free beside a free slot: it would have been granted.
        const engine = uses.size < slotCount ? free.get(model)?.pop() : undefined;
        if (engine !== undefined) {
          resolve(lease(model, { engine, before: undefined }, { isAwaited: false }));
          onChange();
          return;
        }
        const passedOn = waiting.length === 0 ? takeOver(model) : undefined;
        if (passedOn !== undefined) {
          resolve(lease(model, passedOn, { isAwaited: true }));
          onChange();
          return;
        }
        const refuse = (reason: unknown): void => {
          signal.removeEventListener("abort", onAbort);
          leave(candidate);
          reject(reason);
          onChange();
        };
        const onAbort = (): void => refuse(signal.reason);
        const candidate: Waiting = {
          model,
          grant: (given) => {
            signal.removeEventListener("abort", onAbort);
            resolve(lease(model, given, { isAwaited: true }));
          },
          refuse,
        };
        signal.addEventListener("abort", onAbort, { once: true });
        waiting.push(candidate);
        onChange();
      }),
    freeMs: (model) => {
      let firstMs = Infinity;
      for (const use of uses) if (use.model === model) firstMs = Math.min(firstMs, use.expectedEndMs);
      return firstMs;
    },
    forecast: (nowMs, withinMs) =>
      forecast({ free, uses, waiting, slotCount, ahead }, { nowMs, dueMs: nowMs + withinMs }),
  };
}

function noEngine(model: string): InferenceError {
  return new InferenceError("unavailable", `model ${model} has no engine now`);
}
