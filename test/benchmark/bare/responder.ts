import { connect } from "nats";
import { bareSubject } from "./client.ts";

/** Bare NATS request/reply: answers every request with its own bytes. */
export async function runBareResponder(server: string): Promise<void> {
  const connection = await connect({ servers: server });
  connection.subscribe(bareSubject, {
    callback: (_error, message) => {
      message.respond(message.data);
    },
  });
  await connection.flush();
}
