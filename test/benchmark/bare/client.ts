import { connect } from "nats";
import type { BenchmarkClient } from "../measure/benchmark-client.ts";
import { readFloats, viewBytes } from "../measure/float-bytes.ts";
import { createPendingCalls } from "../measure/pending-calls.ts";

export const bareSubject = "bare.infer";

/** Bare NATS request/reply with one wildcard inbox and a map, the cheapest way the client library offers. */
export async function connectBareClient(server: string): Promise<BenchmarkClient> {
  const connection = await connect({ servers: server });
  const inbox = `_INBOX.${Math.random().toString(36).slice(2)}.`;
  const pending = createPendingCalls();

  connection.subscribe(`${inbox}*`, {
    callback: (_error, message) => {
      const id = message.subject.slice(inbox.length);
      // Nobody listens, or the model failed.
      if (message.data.length === 0) pending.reject(id, new Error("answered with nothing"));
      else pending.resolve(id, readFloats(message.data));
    },
  });
  await connection.flush();

  return {
    call: (input) =>
      pending.open((id) => connection.publish(bareSubject, viewBytes(input), { reply: inbox + id })),
    close: () => connection.close(),
  };
}
