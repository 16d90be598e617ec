import { connect } from "nats";
import type { BenchmarkClient } from "../measure/benchmark-client.ts";
import { decodePack, encodePack, type FloorRow } from "./pack.ts";

/** The SDK without deadlines, retries or checks: packs a tick's calls, keeps their promises in a map. */
export async function connectFloorClient(server: string): Promise<BenchmarkClient> {
  const connection = await connect({ servers: server });
  const inbox = `_INBOX.${Math.random().toString(36).slice(2)}`;
  const pending = new Map<number, (output: Float32Array) => void>();
  let nextId = 1;
  let calls: FloorRow[] = [];

  function send(): void {
    const rows = calls;
    calls = [];
    connection.publish("floor.infer", encodePack(rows, 0), { reply: inbox });
  }

  connection.subscribe(inbox, {
    callback: (_error, message) => {
      for (const row of decodePack(message.data).rows) {
        const resolve = pending.get(row.id);
        if (resolve === undefined) continue;
        pending.delete(row.id);
        const aligned = new Uint8Array(row.body);
        resolve(new Float32Array(aligned.buffer, 0, aligned.byteLength / 4));
      }
    },
  });
  await connection.flush();

  return {
    call(input) {
      return new Promise((resolve) => {
        const id = nextId++;
        pending.set(id, resolve);
        if (calls.length === 0) setImmediate(send);
        calls.push({
          id,
          reply: inbox,
          body: new Uint8Array(input.buffer, input.byteOffset, input.byteLength),
        });
      });
    },
    close: () => connection.close(),
  };
}
