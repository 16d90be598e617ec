import type { Engine } from "@sluice/engine";
import { InferenceError } from "@sluice/protocol";

import type { Forecast, SlotUse } from "./forecast.ts";
import { forecast } from "./forecast.ts";

/** The right to use one slot and one engine, until disposed. */
export interface EngineLease extends Disposable {
  readonly engine: Engine;
  /** Whether it had to be waited for: then it began when an engine and a slot became free. */
  readonly isAwaited: boolean;
  /** Notes when the lease will probably end, on the monotonic clock; until then nobody knows. */
  expectEnd(atMs: number): void;
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
  /** What is free, or will be within `withinMs`, and not yet promised to somebody who waits. */
  forecast(nowMs: number, withinMs: number): Forecast;
}

export interface EngineSlotsOptions {
  /** Most leases at the same time. */
  readonly slotCount: number;
  /** Called after each change: a lease began or ended, its end became known, an engine came or went. */
  readonly onChange: () => void;
  /** Called when a broken engine of a model was taken out. */
  readonly onRetired: (model: string) => void;
}

interface LeaseFields {
  readonly model: string;
  readonly engine: Engine;
  readonly isAwaited: boolean;
}

interface Waiting {
  readonly model: string;
  readonly grant: (engine: Engine) => void;
  readonly refuse: (reason: unknown) => void;
}

/** Creates the slots, all free, without engines. */
export function createEngineSlots({ slotCount, onChange, onRetired }: EngineSlotsOptions): EngineSlots {
  const free = new Map<string, Engine[]>();
  const uses = new Set<SlotUse>();
  let waiting: Waiting[] = [];

  const grantWaiting = (): void => {
    for (const candidate of waiting) {
      if (uses.size >= slotCount) return;
      const engine = free.get(candidate.model)?.pop();
      if (engine === undefined) continue;
      leave(candidate);
      candidate.grant(engine);
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

  const lease = ({ model, engine, isAwaited }: LeaseFields): EngineLease => {
    const use = { model, expectedEndMs: Infinity };
    uses.add(use);
    let isRetired = false;
    return {
      engine,
      isAwaited,
      expectEnd: (atMs) => {
        use.expectedEndMs = atMs;
        onChange();
      },
      retire: () => {
        isRetired = true;
      },
      [Symbol.dispose]() {
        if (!uses.delete(use)) return;
        if (!isRetired) free.get(model)?.push(engine);
        else refuseWaiting(model);
        grantWaiting();
        onChange();
        if (isRetired) onRetired(model);
      },
    };
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
          resolve(lease({ model, engine, isAwaited: false }));
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
          grant: (engine) => {
            signal.removeEventListener("abort", onAbort);
            resolve(lease({ model, engine, isAwaited: true }));
          },
          refuse,
        };
        signal.addEventListener("abort", onAbort, { once: true });
        waiting.push(candidate);
        onChange();
      }),
    forecast: (nowMs, withinMs) =>
      forecast({ free, uses, waiting, slotCount }, { nowMs, dueMs: nowMs + withinMs }),
  };
}

function noEngine(model: string): InferenceError {
  return new InferenceError("unavailable", `model ${model} has no engine now`);
}
