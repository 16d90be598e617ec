import { headers as createHeaders, Match, type Msg, type MsgHdrs } from "nats";
import type { Message } from "./messaging.ts";

const noResponders = 503;

/** A message of the NATS client behind the contract; headers are decoded when they are asked for. */
export class NatsMessage implements Message {
  readonly #message: Msg;
  readonly payload: Uint8Array;

  constructor(message: Msg) {
    this.#message = message;
    this.payload = message.data;
  }

  get subject(): string {
    return this.#message.subject;
  }

  get reply(): string {
    return this.#message.reply ?? "";
  }

  get isNoResponders(): boolean {
    return this.payload.byteLength === 0 && this.#message.headers?.code === noResponders;
  }

  header(name: string): string {
    return this.#message.headers?.get(name, Match.IgnoreCase) ?? "";
  }
}

/** Headers in the form of the client, names kept as they are written. */
export function toNatsHeaders(headers: Readonly<Record<string, string>>): MsgHdrs {
  const result = createHeaders();
  for (const [name, value] of Object.entries(headers)) result.set(name, value);
  return result;
}

/** `NATS/1.0`, the line end after it, and the empty line at the end. */
const frameBytes = 12;
/** `: ` or `:` and the line end of one header. */
const separatorBytes = 4;

/** Upper bound of what headers add to a message. */
export function headerBytes(headers: Readonly<Record<string, string>>): number {
  let bytes = frameBytes;
  for (const [name, value] of Object.entries(headers)) {
    bytes += Buffer.byteLength(name) + Buffer.byteLength(value) + separatorBytes;
  }
  return bytes;
}
