/** Who listens to each signal. */
const listenersOf = new WeakMap<AbortSignal, Set<() => void>>();

/**
 * Calls `onAbort` when the signal aborts, once. Calls of one signal share one listener: Node takes more than ten for a leak and
 * says so, and many calls of one signal are nothing remarkable.
 * @returns what takes `onAbort` back
 */
export function onAborted(signal: AbortSignal, onAbort: () => void): () => void {
  const listeners = listenersOf.get(signal) ?? listenTo(signal);
  listeners.add(onAbort);
  return () => {
    if (!listeners.delete(onAbort) || listeners.size > 0) return;
    signal.removeEventListener("abort", forwardAbort);
    listenersOf.delete(signal);
  };
}

function listenTo(signal: AbortSignal): Set<() => void> {
  const listeners = new Set<() => void>();
  listenersOf.set(signal, listeners);
  signal.addEventListener("abort", forwardAbort, { once: true });
  return listeners;
}

function forwardAbort(this: AbortSignal): void {
  const listeners = listenersOf.get(this) ?? [];
  listenersOf.delete(this);
  for (const onAbort of listeners) onAbort();
}
