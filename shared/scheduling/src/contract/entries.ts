import type { BatchLimits, QueueEntry } from "../request-queue.ts";

/** An entry with a name to tell it by. */
export interface NamedEntry extends QueueEntry {
  readonly key: string;
}

/** Builds an entry; `key` follows from `arrival` unless given. */
export function anEntry(fields: Partial<NamedEntry> & { readonly arrival: number }): NamedEntry {
  return {
    key: `r${fields.arrival}`,
    tenant: "acme",
    model: "m",
    items: 1,
    length: 1,
    bytes: 1,
    deadlineMs: Infinity,
    maxBatchItems: Infinity,
    runsAlone: false,
    order: 0,
    priority: 0,
    chargedMs: 0,
    stay: "new",
    ...fields,
  };
}

/** Builds the limits of a credit for model `m` without bounds. */
export function someLimits(fields: Partial<BatchLimits> & { readonly most?: number } = {}): BatchLimits {
  return {
    models: fields.models ?? ["m"],
    maxItems: fields.maxItems ?? (() => fields.most ?? Infinity),
    maxBytes: fields.maxBytes ?? Infinity,
    alone: fields.alone ?? false,
  };
}

export function keysOf(entries: Iterable<NamedEntry>): string[] {
  return [...entries].map((entry) => entry.key);
}
