import type { RunName } from "@sluice/protocol";

/** Whether a worker means a run: by its id, and by its caller where the worker tells it. */
export function isAmong(names: readonly RunName[], { id, reply }: RunName): boolean {
  return names.some((name) => name.id === id && (name.reply === reply || name.reply === ""));
}
