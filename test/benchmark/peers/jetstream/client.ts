import { connect, headers, type Msg } from "nats";
import type { BenchmarkClient } from "../../measure/benchmark-client.ts";
import { readFloats, viewBytes } from "../../measure/float-bytes.ts";
import { createPendingCalls } from "../../measure/pending-calls.ts";
import { answerToHeader, inferSubject } from "./stream.ts";

/** Stores each request in the stream and waits for its answer; one wildcard inbox and a map, as in the bare client. */
export async function connectJetstreamClient(server: string): Promise<BenchmarkClient> {
  const connection = await connect({ servers: server });
  const inbox = `_INBOX.${Math.random().toString(36).slice(2)}`;
  const answers = `${inbox}.answer.`;
  const acknowledgements = `${inbox}.stored.`;
  const pending = createPendingCalls();

  connection.subscribe(`${answers}*`, {
    callback: (_error, message) => {
      const id = message.subject.slice(answers.length);
      if (message.data.length === 0) pending.reject(id, new Error("answered with nothing"));
      else pending.resolve(id, readFloats(message.data));
    },
  });
  connection.subscribe(`${acknowledgements}*`, {
    callback: (_error, message) => {
      if (isStored(message)) return;
      pending.reject(message.subject.slice(acknowledgements.length), new Error("the request was not stored"));
    },
  });
  await connection.flush();

  return {
    call: (input) =>
      pending.open((id) => {
        const answerTo = headers();
        answerTo.set(answerToHeader, answers + id);
        connection.publish(inferSubject, viewBytes(input), {
          reply: acknowledgements + id,
          headers: answerTo,
        });
      }),
    close: () => connection.close(),
  };
}

/** Whether a stream's acknowledgement says that it has the message; without a stream it is empty. */
function isStored(acknowledgement: Msg): boolean {
  return acknowledgement.data.length > 0 && !("error" in acknowledgement.json<object>());
}
