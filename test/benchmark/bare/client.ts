import { connect } from "nats";
import type { BenchmarkClient } from "../measure/benchmark-client.ts";

/** Bare NATS request/reply with one wildcard inbox and a map, the cheapest way the client library offers. */
export async function connectBareClient(server: string): Promise<BenchmarkClient> {
  const connection = await connect({ servers: server });
  const inbox = `_INBOX.${Math.random().toString(36).slice(2)}.`;
  const pending = new Map<string, (output: Float32Array) => void>();
  let nextId = 1;

  connection.subscribe(`${inbox}*`, {
    callback: (_error, message) => {
      const id = message.subject.slice(inbox.length);
      const resolve = pending.get(id);
      if (resolve === undefined) return;
      pending.delete(id);
      const aligned = new Uint8Array(message.data);
      resolve(new Float32Array(aligned.buffer, 0, aligned.byteLength / 4));
    },
  });
  await connection.flush();

  return {
    call(input) {
      return new Promise((resolve) => {
        const id = String(nextId++);
        pending.set(id, resolve);
        connection.publish("bare.echo", new Uint8Array(input.buffer, input.byteOffset, input.byteLength), {
          reply: inbox + id,
        });
      });
    },
    close: () => connection.close(),
  };
}
