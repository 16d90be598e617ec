import { connect, type Msg } from "nats";
import { bareSubject } from "../../bare/client.ts";
import { readFloats, viewBytes } from "../../measure/float-bytes.ts";
import { openProbeSession } from "../probe/probe-session.ts";

/** Bare NATS request/reply with the model inline: runs each request when it arrives, on the thread that owns the connection. */
export async function runBareModelResponder(server: string): Promise<void> {
  const session = await openProbeSession();
  const connection = await connect({ servers: server });

  async function answer(message: Msg): Promise<void> {
    try {
      message.respond(viewBytes(await session.run(readFloats(message.data))));
    } catch {
      // An empty answer is an error to the client, which counts it.
      message.respond();
    }
  }

  connection.subscribe(bareSubject, { callback: (_error, message) => void answer(message) });
  await connection.flush();
}
