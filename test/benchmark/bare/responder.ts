import { connect } from "nats";

/** Bare NATS request/reply: answers every request with its own bytes. */
export async function runBareResponder(server: string): Promise<void> {
  const connection = await connect({ servers: server });
  connection.subscribe("bare.echo", {
    callback: (_error, message) => {
      message.respond(message.data);
    },
  });
  await connection.flush();
}
