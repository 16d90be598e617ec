import type { Message } from "@sluice/messaging";

/** What travels between connections of the in-memory twin. */
export interface Envelope {
  readonly subject: string;
  readonly payload: Uint8Array;
  readonly reply: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly isNoResponders: boolean;
}

/**
 * Copies a payload as the network does: what the sender changes later does not arrive, and the copy starts at an odd offset, so
 * that a reader who counts on alignment fails here as it would in production.
 */
export function copyPayload(payload: Uint8Array): Uint8Array {
  const copy = new Uint8Array(payload.byteLength + 1).subarray(1);
  copy.set(payload);
  return copy;
}

export function toMessage({ headers, ...envelope }: Envelope): Message {
  const byName = new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  return { ...envelope, header: (name) => byName.get(name.toLowerCase()) ?? "" };
}
