import { connect } from "nats";
import { decodePack } from "./pack.ts";
import { publishReplies } from "./publish-replies.ts";

const none = new Uint8Array(0);

/** The results service without duplicates, streams or codes: answers packed per reply subject, then the acknowledgement. */
export async function runFloorResults(server: string): Promise<void> {
  const connection = await connect({ servers: server });
  connection.subscribe("floor.results", {
    callback: (_error, message) => {
      publishReplies(connection, decodePack(message.data).rows);
      message.respond(none);
    },
  });
  await connection.flush();
}
