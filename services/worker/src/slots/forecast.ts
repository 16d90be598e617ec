/** A slot and an engine in use. */
export interface SlotUse {
  readonly model: string;
  /** On the monotonic clock; Infinity while nobody knows. */
  readonly expectedEndMs: number;
}

/** What a worker can take next. */
export interface Forecast {
  /** Slots that are free, or will be in time, and that nobody waits for. */
  readonly slotCount: number;
  /** Models with engines that are free, or will be in time, and that nobody waits for; with the batches that they may take. */
  readonly engineCounts: ReadonlyMap<string, number>;
  /** When the first slot and engine are both free, in milliseconds from now; 0 if they are. */
  readonly freeInMs: number;
  /** When the next use ends that does not end in time, on the monotonic clock; Infinity if none is known. */
  readonly nextEndMs: number;
}

/** The state a forecast is made of. */
export interface SlotState {
  readonly free: ReadonlyMap<string, readonly unknown[]>;
  readonly uses: Iterable<SlotUse>;
  readonly waiting: readonly { readonly model: string }[];
  readonly slotCount: number;
  /** How many batches more each engine of a model may have before it; none of other models. */
  readonly ahead: ReadonlyMap<string, number>;
}

/**
 * Tells what is free, or will be by `dueMs`. Whoever already waits for a model is counted as having it.
 * @param window - both instants on the monotonic clock
 */
export function forecast(
  { free, uses, waiting, slotCount, ahead }: SlotState,
  window: { readonly nowMs: number; readonly dueMs: number },
): Forecast {
  const engineCounts = new Map<string, number>();
  for (const [model, engines] of free) engineCounts.set(model, engines.length);
  let freeSlots = slotCount - waiting.length;
  let firstEndMs = Infinity;
  let nextEndMs = Infinity;
  let useCount = 0;
  for (const { model, expectedEndMs } of uses) {
    useCount += 1;
    if (expectedEndMs <= window.dueMs) {
      engineCounts.set(model, (engineCounts.get(model) ?? 0) + 1);
      firstEndMs = Math.min(firstEndMs, expectedEndMs);
    } else {
      freeSlots -= 1;
      nextEndMs = Math.min(nextEndMs, expectedEndMs);
    }
  }
  for (const [model, count] of ahead) {
    const engineCount = engineCounts.get(model) ?? 0;
    if (engineCount > 0) engineCounts.set(model, engineCount * (1 + count));
  }
  for (const { model } of waiting) engineCounts.set(model, (engineCounts.get(model) ?? 0) - 1);
  for (const [model, count] of engineCounts) if (count <= 0) engineCounts.delete(model);
  let isEngineFree = false;
  for (const model of engineCounts.keys()) isEngineFree ||= (free.get(model)?.length ?? 0) > 0;
  return {
    slotCount: Math.max(0, freeSlots),
    engineCounts,
    freeInMs:
      useCount < slotCount && isEngineFree
        ? 0
        : Math.max(0, Math.min(firstEndMs, window.dueMs) - window.nowMs),
    nextEndMs,
  };
}
